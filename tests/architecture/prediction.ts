/** What browser.test.ts computes twice, in Node and in a browser: nothing here needs either. */
import type { BackendInfo } from '../../src/backend/info.js';
import { seededRandom } from '../../src/common/random.js';
import { createMelSpectrogram, MEL_DEFAULTS } from '../../src/features/mel.js';
import { bundleOf, type StoredModel } from '../../src/model/bundle.js';
import { EmotionModel } from '../../src/model/emotion-model.js';

const SECONDS = 4.5;

/** A rising tone in noise. */
function waveform(sampleRateHz: number): Float32Array {
  const random = seededRandom(7);
  return Float32Array.from({ length: SECONDS * sampleRateHz }, (_, i) => {
    const seconds = i / sampleRateHz;
    return 0.5 * Math.sin(2 * Math.PI * (200 + 300 * seconds) * seconds) + 0.1 * (random() - 0.5);
  });
}

/** The waveform's mel spectrogram, in plain numbers. */
export function melPower(): number[] {
  return Array.from(createMelSpectrogram()(waveform(MEL_DEFAULTS.sampleRateHz)).values);
}

/** What a stored model says of the waveform at a rate that is not the network's: window by window. */
export async function probabilities({ json, weights }: Stored, backend: BackendInfo): Promise<number[][]> {
  const bundle = await bundleOf({ json, weights: Uint8Array.from(weights) }, 'the test');
  const model = new EmotionModel(bundle, backend);
  const sampleRateHz = 16_000;
  const { windows } = await model.predict({ samples: waveform(sampleRateHz), sampleRateHz });
  model.dispose();
  return windows.map(({ probabilities }) => Object.values(probabilities));
}

/** A stored model as it is handed to a page. */
export interface Stored {
  readonly json: StoredModel['json'];
  readonly weights: readonly number[];
}
