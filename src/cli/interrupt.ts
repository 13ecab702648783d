/**
 * Aborted by the first Ctrl-C; the second one ends the process at once, also where both have come while it could not listen.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    const interrupt = () => {
      if (controller.signal.aborted) {
        process.off(name, interrupt);
        process.kill(process.pid, name);
        return;
      }
      console.error('\nInterrupted: finishing the step at hand; once more to end at once');
      controller.abort();
    };
    process.on(name, interrupt);
  }
  return controller.signal;
}
