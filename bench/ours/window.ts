import type { BackendName } from '../../src/backend/info.js';
import { BUILT_IN_MODEL, loadModel } from '../../src/model/load.js';

interface WindowTask {
  readonly backend: BackendName;
  readonly calls: number;
}

const RATE = 48000;

/** Milliseconds of each answer to a window of 2 s, by the model that comes with the project. */
export default async function window({ backend, calls }: WindowTask): Promise<object> {
  const model = await loadModel(BUILT_IN_MODEL, { backend });
  const samples = Float32Array.from({ length: 2 * RATE }, (_, i) => 0.3 * Math.sin(0.05 * i) * Math.sin(0.0003 * i));
  const milliseconds: number[] = [];
  for (let call = 0; call < calls; call++) {
    const begun = performance.now();
    await model.predict({ samples, sampleRateHz: RATE });
    milliseconds.push(performance.now() - begun);
  }
  return { milliseconds };
}
