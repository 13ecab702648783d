import { useBackend } from '../../src/backend/backend.js';
import type { BackendName } from '../../src/backend/info.js';
import { loadEncoder } from '../../src/encoder/load.js';
import { extractFeatures } from '../../src/features/extraction/extract.js';
import { configFor } from '../../src/run/config.js';
import { processorClock } from '../processor.js';

interface VectorsTask {
  readonly paths: readonly string[];
  readonly workers: number;
  readonly backend: BackendName;
}

/** The encoder's vectors, as a run makes them: spectrograms by worker threads, and what TensorFlow makes of them. */
export default async function vectors({ paths, workers, backend }: VectorsTask): Promise<object> {
  await useBackend(backend);
  const encoder = await loadEncoder('whisper-base-3');
  const { features } = configFor('encoder');
  const derivation = { name: encoder.name, derive: encoder.vectors.bind(encoder) };
  const clock = processorClock();
  let clips = 0;
  for await (const result of extractFeatures(paths, { features, derivation, workers })) {
    if ('reason' in result) throw new Error(result.reason);
    clips++;
  }
  return { clips, ...clock() };
}
