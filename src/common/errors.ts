/** Data, files or a model that cannot be used: the job fails with this message and exit code 1. */
export class InputError extends Error {
  override name = 'InputError';
}

/** A call that makes no sense (unknown option, impossible combination): exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** The message of anything thrown, in one line without a stack trace. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0];
}
