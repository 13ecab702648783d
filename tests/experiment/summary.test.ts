import assert from 'node:assert/strict';
import type { Split } from '../../src/dataset/splits.js';
import { compare, partsOf, summarise } from '../../src/experiment/summary.js';
import { result } from './results.js';

const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6, `${a} != ${b}`);

describe('partsOf()', () => {
  it('measures all clips, those of each sex where it is known, and those of each speaker', () => {
    const parts = partsOf(result({ m2: 'aaffjj', f1: 'aaffff', x: 'ffffff' }));
    assert.deepEqual(
      parts.map(({ by, name, clips, speakers }) => [by, name, clips, speakers]),
      [
        ['all', '', 18, 3],
        ['sex', 'female', 6, 1],
        ['sex', 'male', 6, 1],
        ['speaker', 'f1', 6, 1],
        ['speaker', 'm2', 6, 1],
        ['speaker', 'x', 6, 1],
      ],
    );
    close(parts[0].assessment.metrics.uar, (4 / 6 + 1 + 2 / 6) / 3);
    close(parts[1].assessment.metrics.uar, 2 / 3);
    close(parts[2].assessment.metrics.uar, 1);
    close(parts[2].assessment.calibrationError, 0.2);
  });
});

describe('summarise()', () => {
  const one = result({ f1: 'aaffjj', m1: 'aaffff', m2: 'aaffjj' });
  const two = result({ f1: 'aaffff', m1: 'aaffff', m2: 'aaffaa' }, { seed: 2 });

  it('gives mean and deviation over the seeds, and the worst emotion with what it is taken for', () => {
    const summary = summarise([one, two]);
    const uars = [(1 + 1 + 4 / 6) / 3, 2 / 3];
    close(summary.uar.mean, (uars[0] + uars[1]) / 2);
    close(summary.uar.deviation!, Math.abs(uars[0] - uars[1]) / Math.SQRT2);
    assert.deepEqual([summary.worst.name, summary.worst.takenFor], ['joy', 'fear']);
    close(summary.worst.recall, 4 / 12);
    assert.deepEqual(summary.confusion, [
      [12, 0, 0],
      [0, 12, 0],
      [2, 6, 4],
    ]);
    close(summary.bySex.female!.mean, (1 + 2 / 3) / 2);
    close(summary.bySpeaker.m1.mean, 2 / 3);
    assert.equal(
      summary.bins.reduce((sum, { clips }) => sum + clips, 0),
      36,
    );
    assert.ok(summary.interval!.low <= summary.uar.mean && summary.uar.mean <= summary.interval!.high);
    assert.deepEqual(summarise([one, two]), summary);
  });

  it('gives no deviation of one seed, no interval of two speakers, and nothing that a class without mistakes is taken for', () => {
    const summary = summarise([result({ f1: 'aaffjj', m1: 'aaffjj' })]);
    assert.deepEqual([summary.uar, summary.interval], [{ mean: 1 }, undefined]);
    assert.deepEqual(summary.worst, { name: 'anger', recall: 1 });
  });
});

describe('compare()', () => {
  const speakers = ['a', 'b', 'c', 'd', 'e', 'g'];
  const all = (letters: string) => Object.fromEntries(speakers.map((speaker) => [speaker, letters]));

  it('tests every two configurations over the seeds that both have', () => {
    const good = [1, 2, 3].map((seed) => result(all('aaffjj'), { seed }));
    const poor = [2, 3, 4].map((seed) => result(all('aaffjf'), { seed, configuration: 'second' }));
    const worst = [2].map((seed) => result(all('aaffff'), { seed, configuration: 'third' }));
    const found = compare([good, poor, worst].map(summarise));
    assert.deepEqual(
      found.map(({ first, second, p }) => [first, second, p]),
      [
        ['first', 'second', 2 / 64],
        ['first', 'third', 2 / 64],
        ['second', 'third', 2 / 64],
      ],
    );
    close(found[0].difference, 1 / 6);
    close(found[1].difference, 1 / 3);
  });

  it('compares the clips alone that both have answered', () => {
    const whole = summarise([result(all('aaffjj'))]);
    const part = result(all('aaffjf'), { configuration: 'second' });
    const { clips, probabilities, labels: names } = part.predictions;
    const kept = clips.slice(1);
    const split = { train: [], validation: [], test: kept.map((_, i) => i) } as unknown as Split;
    const predictions = { clips: kept, split, labels: names, probabilities: probabilities.subarray(names.length) };
    const [{ difference, p }] = compare([whole, summarise([{ ...part, predictions }])]);
    close(difference, 1 / 6);
    assert.equal(p, 2 / 64);
  });

  it('tests nothing with fewer than six speakers, or without a common seed', () => {
    const few = (configuration: string) => summarise([result({ a: 'aaffjj', b: 'aaffjj' }, { configuration })]);
    assert.deepEqual(compare([few('first'), few('second')]), []);
    const with6 = (seed: number) => summarise([result(all('aaffjj'), { seed, configuration: `${seed}` })]);
    assert.deepEqual(compare([with6(1), with6(2)]), []);
  });
});
