import assert from 'node:assert/strict';
import { useBackend } from '../../src/backend/backend.js';
import { describeNetwork, networkSizes } from '../../src/networks/describe-network.js';
import { originalNetwork } from '../../src/networks/original.js';
import { timeNetwork } from '../../src/networks/time.js';

const SHAPE = { bands: 128, frames: 87, classes: 7, seed: 1 };

describe('describeNetwork()', () => {
  before(() => useBackend('auto'));

  it('lists the layers of the original network with shapes, parameters and receptive fields', () => {
    const rows = describeNetwork(originalNetwork(SHAPE));
    const some = rows.filter(({ kind }) => ['InputLayer', 'Conv1D', 'MaxPooling1D', 'Dense'].includes(kind));
    assert.deepEqual(
      some.map(({ layer, output, values, parameters, receptiveField }) => [
        layer,
        output,
        values,
        parameters,
        receptiveField,
      ]),
      [
        ['input', '128 × 87', 128 * 87, 0, 1],
        ['conv_1', '128 × 256', 128 * 256, (5 * 87 + 1) * 256, 5],
        ['pool_1', '64 × 256', 64 * 256, 0, 9],
        ['conv_2', '64 × 128', 64 * 128, (5 * 256 + 1) * 128, 17],
        ['pool_2', '32 × 128', 32 * 128, 0, 25],
        ['conv_3', '32 × 128', 32 * 128, (5 * 128 + 1) * 128, 41],
        ['pool_3', '16 × 128', 16 * 128, 0, 57],
        ['conv_4', '16 × 64', 16 * 64, (5 * 128 + 1) * 64, 89],
        ['pool_4', '8 × 64', 8 * 64, 0, 121],
        ['dense_1', '64', 64, (8 * 64 + 1) * 64, 128],
        ['dense_2', '32', 32, (64 + 1) * 32, 128],
        ['logits', '7', 7, (32 + 1) * 7, 128],
      ],
    );
    assert.equal(rows.length, 19);
    assert.equal(rows[18].layer, 'softmax');
  });

  it('counts frames where the network convolves along time', () => {
    const rows = describeNetwork(timeNetwork(SHAPE));
    const of = (name: string) => rows.find(({ layer }) => layer === name)!;
    assert.deepEqual([of('transpose').output, of('transpose').receptiveField], ['87 × 128', 1]);
    assert.deepEqual([of('conv_1').output, of('conv_1').parameters], ['87 × 256', (5 * 128 + 1) * 256]);
    // Never more than there is: the padding at the ends does not count.
    assert.equal(of('conv_4').receptiveField, 87);
    assert.equal(of('pool_4').output, '6 × 64');
  });
});

describe('networkSizes()', () => {
  for (const [name, build] of Object.entries({ original: originalNetwork, time: timeNetwork }))
    it(`${name}: agrees with tfjs, and its parts make the whole`, () => {
      const network = build(SHAPE, { filters: [16, 8], denseUnits: [10] });
      const sizes = networkSizes(network);
      assert.equal(sizes.parameters, network.countParams());
      assert.equal(sizes.convolutionParameters + sizes.denseParameters, sizes.parameters);
      const length = name === 'original' ? 32 : 22;
      assert.deepEqual([sizes.convolved, sizes.flattened], [`${length} × 8`, length * 8]);
      assert.equal(sizes.denseParameters, (length * 8 + 1) * 10 + (10 + 1) * 7);
    });

  it('gives what the pooling hands on, not what it takes, where no dropout lies between', () => {
    const { convolved, flattened } = networkSizes(originalNetwork(SHAPE, { filters: [16], denseUnits: [] }));
    assert.deepEqual([convolved, flattened], ['64 × 16', 64 * 16]);
  });
});
