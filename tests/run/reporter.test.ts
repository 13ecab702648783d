import assert from 'node:assert/strict';
import { lineReporter } from '../../src/run/reporter.js';

describe('lineReporter()', () => {
  it('shows what is said, each whole per cent of a step, and epochs', () => {
    const lines: string[] = [];
    const reporter = lineReporter((line) => lines.push(line));
    const bar = reporter.progress('features', 400);
    for (let done = 1; done <= 8; done++) bar.update(done);
    bar.stop();
    const record = { epoch: 3, loss: 1, accuracy: 0.5, valLoss: 1.234, valAccuracy: 0.456, seconds: 1 };
    reporter.epoch(record, { epochs: 100, best: false, left: 97 });
    reporter.epoch({ ...record, epoch: 4, valLoss: 1.1 }, { epochs: 100, best: true, left: 96 });
    reporter.say('done');
    assert.deepEqual(lines, [
      'features: 0 %',
      'features: 1 %',
      'features: 2 %',
      'epoch 3 of at most 100: validation loss 1.23, accuracy 46 %',
      'epoch 4 of at most 100: validation loss 1.10, accuracy 46 %, the best so far',
      'done',
    ]);
  });
});
