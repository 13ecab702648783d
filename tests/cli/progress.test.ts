import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { terminalReporter } from '../../src/cli/progress.js';

/** What an action writes to standard error, which is a terminal or not. */
function written(action: () => void, isTTY: boolean): string {
  const { stderr } = process;
  const before = { write: stderr.write, isTTY: stderr.isTTY };
  const texts: string[] = [];
  const write = (text: string) => {
    texts.push(text);
    return true;
  };
  Object.assign(stderr, { write, isTTY });
  try {
    action();
  } finally {
    Object.assign(stderr, before);
  }
  return texts.join('');
}

const writtenToTerminal = (action: () => void) => written(action, true);

describe('terminalReporter', () => {
  it('draws a bar of at most 80 columns, and never hides the cursor', () => {
    const drawn = writtenToTerminal(() => {
      const bar = terminalReporter.progress('recordings', 12_000);
      bar.update(4_000);
      bar.stop();
    });
    assert.match(drawn, /recordings =+-+ 33 % {2}4000\/12000 {2}\d+\/s {2}\d+ s left/);
    assert.ok(!drawn.includes('\x1b[?25l'), 'Ctrl-C would leave a terminal without a cursor');
    for (const line of stripVTControlCharacters(drawn.replaceAll('\x1b[1G', '\n')).split('\n'))
      assert.ok(line.length <= 80, line);
  });

  it('counts by the minute what takes longer than a second', () => {
    const { now } = performance;
    let seconds = 0;
    performance.now = () => 1000 * seconds;
    try {
      const drawn = writtenToTerminal(() => {
        const bar = terminalReporter.progress('runs', 8);
        seconds = 60;
        bar.update(2);
        bar.stop();
      });
      assert.match(drawn, /2\/8 {2}2\/min {2}3 min 00 s left/);
    } finally {
      performance.now = now;
    }
  });

  it('reports an epoch in 80 columns, and says whether it is the best and how much time is left', () => {
    const record = { epoch: 7, loss: 1.92555, accuracy: 0.205, valLoss: 1.91949, valAccuracy: 0.192, seconds: 1.1 };
    const epoch = (best: boolean) => terminalReporter.epoch(record, { epochs: 100, best, left: 715.4 });
    const line = writtenToTerminal(() => epoch(true));
    assert.equal(line, 'epoch   7/100  loss 1.926 val. 1.919*  acc. 20.5 % val. 19.2 %  11 min 55 s left\n');
    assert.ok(line.trimEnd().length <= 80);
    assert.equal(
      written(() => epoch(false), false),
      line.replace('*', ' '),
    );
  });

  it('writes plain lines where there is no terminal: one every ten seconds, and one in the end', () => {
    const { now } = performance;
    let seconds = 0;
    performance.now = () => 1000 * seconds;
    try {
      const lines = written(() => {
        const step = terminalReporter.progress('features', 400);
        for (const [at, done] of [
          [5, 50],
          [9.9, 99],
          [10, 100],
          [19, 190],
          [20, 200],
          [25, 250],
        ]) {
          seconds = at;
          step.update(done);
        }
        step.stop();
      }, false);
      assert.deepEqual(lines.split('\n'), [
        'features 100/400  10/s  30 s left',
        'features 200/400  10/s  20 s left',
        'features 250/400  10/s  15 s left',
        '',
      ]);
      const untouched = () => terminalReporter.progress('features', 400).stop();
      assert.equal(written(untouched, false), '');
    } finally {
      performance.now = now;
    }
  });
});
