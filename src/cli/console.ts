import { printable } from '../common/printable.js';

/** From now on, nothing that is printed steers the terminal: names of files and emotions may hold any character. */
export function printSafely(): void {
  for (const kind of ['log', 'error', 'warn'] as const) {
    const print = console[kind];
    console[kind] = (...values: unknown[]) =>
      print(...values.map((value) => (typeof value === 'string' ? printable(value) : value)));
  }
}
