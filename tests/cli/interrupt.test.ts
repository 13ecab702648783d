import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { HAS_SIGNALS } from '../setup/system.js';

describe('interruptSignal()', () => {
  before(function () {
    if (!HAS_SIGNALS) this.skip();
  });

  /** How a process ends that gets signals while it computes, and would else go on for ever. */
  function ended(signals: number): Promise<NodeJS.Signals | string | null> {
    const program = `
      const { interruptSignal } = require(${JSON.stringify(join(__dirname, '../../src/cli/interrupt.ts'))});
      const signal = interruptSignal();
      console.log('ready');
      const until = Date.now() + 500;
      while (Date.now() < until);
      setInterval(() => signal.aborted && console.log('aborted'), 100);`;
    const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', program]);
    let text = '';
    return new Promise((resolve) => {
      child.stdout.on('data', (data) => {
        const first = text === '';
        text += data;
        if (first) for (let i = 0; i < signals; i++) setTimeout(() => child.kill('SIGINT'), 50 * i);
        if (/aborted\naborted/.test(text)) {
          child.kill('SIGKILL');
          resolve('aborted');
        }
      });
      child.on('close', (_code, signal) => resolve(signal));
    });
  }

  it('is aborted by the first Ctrl-C, and the process goes on', async function () {
    this.timeout(20_000);
    assert.equal(await ended(1), 'aborted');
  });

  it('ends the process by the second, also where both come while it computes', async function () {
    this.timeout(20_000);
    assert.equal(await ended(2), 'SIGINT');
  });
});
