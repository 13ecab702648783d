import { useBackend } from '../../src/backend/backend.js';
import type { BackendName } from '../../src/backend/info.js';
import { loadEncoder } from '../../src/encoder/load.js';
// Registers what training needs, as in every other process of the project.
import '@tensorflow/tfjs-layers';

interface EncodeTask {
  readonly frames: number;
  readonly calls: number;
  readonly backend: BackendName;
}

/** Milliseconds of each clip, one by one, of a made-up spectrogram, and the first of its states. */
export default async function encode({ frames, calls, backend }: EncodeTask): Promise<object> {
  await useBackend(backend);
  const encoder = await loadEncoder('whisper-base-3');
  const mel = { values: Float32Array.from({ length: 80 * frames }, (_, i) => Math.sin(i * 0.37)), bands: 80, frames };
  const milliseconds: number[] = [];
  let states = encoder.states([mel])[0];
  for (let call = 0; call < calls; call++) {
    const begun = performance.now();
    [states] = encoder.states([mel]);
    milliseconds.push(performance.now() - begun);
  }
  const first = Array.from(
    { length: states.frames * 8 },
    (_, i) => states.values[(i % 8) * states.frames + Math.floor(i / 8)],
  );
  return { milliseconds, states: first };
}
