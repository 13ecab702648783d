/** Aborted by the first Ctrl-C; the second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      console.error('\nInterrupted: finishing the step at hand; once more to end at once');
      controller.abort();
    });
  return controller.signal;
}
