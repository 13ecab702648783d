import assert from 'node:assert/strict';
import { arrayExamples, classIndex, gathered, oneAfterTheOther, sizeOf } from '../../src/dataset/examples.js';

const of = (...values: number[]) => Float32Array.from(values);

describe('examples', () => {
  const examples = arrayExamples([
    { values: of(1, 2, 3, 4, 5, 6), shape: [2] },
    { values: of(7, 8, 9), shape: [] },
  ]);

  it('arrayExamples() counts whole clips and writes those asked for', () => {
    assert.deepEqual([examples.count, examples.shapes], [3, [[2], []]]);
    assert.deepEqual(gathered(examples, [2, 0]), [of(5, 6, 1, 2), of(9, 7)]);
  });

  it('oneAfterTheOther() has all of one copy, then all of the next', () => {
    const [one, other] = [
      examples,
      arrayExamples([
        { values: of(9, 9, 8, 8, 7, 7), shape: [2] },
        { values: of(6, 5, 4), shape: [] },
      ]),
    ].map((each) => ({ ...each, targets: [0, 1, 0], labels: ['a', 'b'] }));
    const both = oneAfterTheOther([one, other]);
    assert.deepEqual(
      [both.count, both.shapes, both.targets, both.labels],
      [6, [[2], []], [0, 1, 0, 0, 1, 0], ['a', 'b']],
    );
    assert.deepEqual(gathered(both, [5, 2, 3]), [of(7, 7, 5, 6, 9, 9), of(4, 9, 6)]);
  });

  it('gathered() writes where it is told', () => {
    const into = [of(0, 0, 0, 0), of(0, 0)];
    assert.equal(gathered(examples, [1], into), into);
    assert.deepEqual(into, [of(3, 4, 0, 0), of(8, 0)]);
  });

  it('arrayExamples() refuses inputs of unequal numbers of clips, halves of clips, and none', () => {
    const refused: Parameters<typeof arrayExamples>[0][] = [
      [],
      [{ values: of(1, 2, 3), shape: [2] }],
      [
        { values: of(1, 2), shape: [1] },
        { values: of(1, 2), shape: [2] },
      ],
    ];
    for (const inputs of refused)
      assert.throws(() => arrayExamples(inputs), { name: 'RangeError', message: /equally many whole clips/ });
  });

  it('classIndex() is the place of an emotion among the classes, and refuses one that is none', () => {
    const labels = ['anger', 'fear'];
    assert.deepEqual(
      labels.map((label) => classIndex(label, labels)),
      [0, 1],
    );
    assert.throws(() => classIndex('joy', labels), {
      name: 'RangeError',
      message: 'Cannot find a class: every emotion must be one of the classes anger, fear, current value is joy',
    });
  });

  it('sizeOf() multiplies; a single number has no axes', () => {
    assert.deepEqual([sizeOf([3, 4]), sizeOf([])], [12, 1]);
  });
});
