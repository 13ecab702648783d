import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { printSafely } from '../../src/cli/console.js';

describe('printSafely()', () => {
  it('shows what would steer the terminal, on both outputs, and changes nothing else', () => {
    const printed: unknown[][] = [];
    const { log, error, warn } = console;
    const record = (...values: unknown[]) => printed.push(values);
    for (const kind of ['log', 'error', 'warn'] as const) mock.method(console, kind, record);
    const failure = new Error('x');
    try {
      printSafely();
      console.log('\u001b[31mred\n', 7);
      console.error('a.wav\u009b', failure);
    } finally {
      Object.assign(console, { log, error, warn });
      mock.restoreAll();
    }
    assert.deepEqual(printed, [
      ['\\u001b[31mred\n', 7],
      ['a.wav\\u009b', failure],
    ]);
  });
});
