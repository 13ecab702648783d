import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { compact } from '../../src/networks/compact.js';
import { StatisticsPooling } from '../../src/networks/statistics-pooling.js';

const { fitting } = compact;
assert.ok(fitting.by === 'gradient');
const networkOf = (seed = 1): LayersModel => fitting.build({ bands: 80, frames: 50, classes: 7, seed });

/** Clips of 80 bands and so many frames, padded with zeros to a width, and their masks. */
function inputs(frames: readonly number[], width: number): [tf.Tensor3D, tf.Tensor2D] {
  const pictures = frames.map((count, clip) => {
    const random = seededRandom(clip);
    const rows = Array.from({ length: 80 }, () => Array.from({ length: count }, () => random() - 0.5));
    return rows.map((row) => [...row, ...new Array<number>(width - count).fill(0)]);
  });
  const masks = frames.map((count) => Array.from({ length: width }, (_, t) => (t < count ? 1 : 0)));
  return [tf.tensor3d(pictures), tf.tensor2d(masks)];
}

const answersTo = (network: LayersModel, given: [tf.Tensor3D, tf.Tensor2D]) => [
  ...(network.apply(given) as tf.Tensor).dataSync<'float32'>(),
];

function assertNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries())
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `${value} != ${expected[i]}`);
}

for (const backend of ['native', 'wasm'] as const)
  describe(`compact on ${backend}`, () => {
    before(async function () {
      await useBackend(backend).catch(() => this.skip());
    });

    it('has at most 200,000 parameters, and begins as its seed says', () => {
      const [network, again, other] = [networkOf(), networkOf(), networkOf(2)];
      assert.ok(network.countParams() <= 200_000, `${network.countParams()}`);
      const answers = [network, again, other].map((each) => answersTo(each, inputs([50, 30], 50)));
      assertNear([answers[0].slice(0, 7).reduce((a, b) => a + b)], [1], 1e-6);
      assert.deepEqual(answers[0], answers[1]);
      assert.notDeepEqual(answers[0], answers[2]);
      for (const each of [network, again, other]) each.dispose();
    });

    it('answers a clip the same however far it is padded', () => {
      const network = networkOf();
      // Odd and even numbers of frames, as pooling halves them.
      for (const frames of [1, 37, 40, 49]) {
        const alone = answersTo(network, inputs([frames], frames));
        for (const width of [frames + 1, 64, 99]) assertNear(answersTo(network, inputs([frames], width)), alone, 2e-6);
      }
      network.dispose();
    });

    it('is saved and loaded again as it was', async () => {
      const network = networkOf();
      const expected = answersTo(network, inputs([50, 30], 50));
      let saved: tf.io.ModelArtifacts | undefined;
      await network.save({
        save: async (artifacts) => {
          saved = artifacts;
          return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
        },
      });
      const loaded = await loadLayersModel({ load: async () => saved! });
      assert.deepEqual(answersTo(loaded, inputs([50, 30], 50)), expected);
      for (const each of [network, loaded]) each.dispose();
    });

    it('StatisticsPooling gives mean and deviation over the frames that the mask counts', () => {
      const x = tf.tensor3d([
        [
          [1, 10],
          [3, 10],
          [99, 99],
        ],
        [
          [1, 0],
          [2, 0],
          [6, 3],
        ],
      ]);
      const mask = tf.tensor2d([
        [1, 1, 0],
        [1, 1, 1],
      ]);
      const pooled = new StatisticsPooling({ name: 'pool' }).apply([x, mask]) as tf.Tensor;
      const near = (deviation: number) => Math.sqrt(deviation ** 2 + 1e-5);
      assert.deepEqual(pooled.shape, [2, 4]);
      assertNear(
        [...pooled.dataSync<'float32'>()],
        [2, 10, near(1), near(0), 3, 1, near(Math.sqrt(14 / 3)), near(Math.SQRT2)],
        1e-5,
      );
    });
  });
