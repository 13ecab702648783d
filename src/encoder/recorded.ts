import * as tf from '@tensorflow/tfjs-core';
import { Graph, recordInto, type Values } from '../backend/graph.js';
import { LOG_MEL } from '../features/log-mel.js';
import type { Forward } from './encoder.js';
import { encode, STATE_SIZE, sinusoids, type WhisperWeights } from './whisper.js';

/** How long what is recorded is: a prime number of positions, which no other length in the network has. */
const POSITIONS = 101;
const FRAMES = 2 * POSITIONS;

/** What stands for a length in TensorFlow's shapes: whatever is left. */
const ANY = -1;

/**
 * Records the encoder's pass as a graph of TensorFlow, on the native backend: each clip is then one call, whatever its
 * length.
 */
export function recordedForward(weights: WhisperWeights): Forward {
  const inputs = { mel: new Float32Array(FRAMES * LOG_MEL.bands), places: sinusoids(POSITIONS) };
  const graph = new Graph();
  const names = new Map<Values, string>([
    [inputs.mel, graph.placeholder('mel', [ANY, LOG_MEL.bands])],
    [inputs.places, graph.placeholder('places', [ANY, STATE_SIZE])],
  ]);
  const shapes = new Map<string, string>();
  /** A shape that a length occurs in becomes one that goes for every length. */
  const lengthless = (shape: Int32Array) => {
    if (!shape.includes(POSITIONS) && !shape.includes(FRAMES)) return undefined;
    const name = `shape_${shape.join('_')}`;
    const values = shape.map((length) => (length === POSITIONS || length === FRAMES ? ANY : length));
    if (!shapes.has(name)) shapes.set(name, graph.constant(name, [values.length], values));
    return shapes.get(name);
  };
  const nameOf = (values: Values) =>
    names.get(values) ?? (values instanceof Int32Array ? lengthless(values) : undefined);
  // Copies that TensorFlow does not have yet, so that the recording sees their values.
  const copies = [...weights].map(([name, tensor]) => ({
    name,
    shape: tensor.shape,
    values: tensor.dataSync<'float32'>().slice(),
  }));
  const [states] = recordInto(graph, 'encoder', {
    nameOf,
    action: () => [
      encode(
        new Map(copies.map(({ name, shape, values }) => [name, tf.tensor(values, shape)])),
        tf.tensor2d(inputs.mel, [FRAMES, LOG_MEL.bands]),
        tf.tensor2d(inputs.places, [POSITIONS, STATE_SIZE]),
      ),
    ],
  });
  graph.result('states', states);
  const session = graph.load();
  return {
    run(mel, frames) {
      const positions = Math.ceil(frames / 2);
      const feeds = {
        mel: { shape: [frames, LOG_MEL.bands], values: mel },
        places: { shape: [positions, STATE_SIZE], values: sinusoids(positions) },
      };
      return session.run(feeds, ['states'])[0] as Float32Array;
    },
    dispose: () => session.dispose(),
  };
}
