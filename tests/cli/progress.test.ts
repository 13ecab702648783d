import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { terminalReporter } from '../../src/cli/progress.js';

/** What an action writes to standard error where that is a terminal. */
function writtenToTerminal(action: () => void): string {
  const { stderr } = process;
  const before = { write: stderr.write, isTTY: stderr.isTTY };
  const written: string[] = [];
  const write = (text: string) => {
    written.push(text);
    return true;
  };
  Object.assign(stderr, { write, isTTY: true });
  try {
    action();
  } finally {
    Object.assign(stderr, before);
  }
  return written.join('');
}

describe('terminalReporter', () => {
  it('draws a bar of at most 80 columns, and never hides the cursor', () => {
    const written = writtenToTerminal(() => {
      const bar = terminalReporter.progress('recordings', 12_000);
      bar.update(4_000);
      bar.stop();
    });
    assert.match(written, /recordings =+-+ 33 % {2}4000\/12000 {2}\d+\/s {2}\d+ s left/);
    assert.ok(!written.includes('\x1b[?25l'), 'Ctrl-C would leave a terminal without a cursor');
    for (const line of stripVTControlCharacters(written.replaceAll('\x1b[1G', '\n')).split('\n'))
      assert.ok(line.length <= 80, line);
  });

  it('reports an epoch in 80 columns, and says whether it is the best and how much time is left', () => {
    const record = { epoch: 7, loss: 1.92555, accuracy: 0.205, valLoss: 1.91949, valAccuracy: 0.192, seconds: 1.1 };
    const written = writtenToTerminal(() => terminalReporter.epoch(record, { epochs: 100, best: true, left: 715.4 }));
    assert.equal(written, 'epoch   7/100  loss 1.926 val. 1.919*  acc. 20.5 % val. 19.2 %  11 min 55 s left\n');
    assert.ok(written.trimEnd().length <= 80);
  });
});
