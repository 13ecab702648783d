import type { Clip } from '../../src/corpora/clip.js';
import type { Split } from '../../src/dataset/splits.js';
import type { CellResult } from '../../src/experiment/summary.js';
import type { Environment } from '../../src/run/environment.js';

export const labels = ['anger', 'fear', 'joy'];

const ENVIRONMENT = {
  project: '1.2.3',
  commit: 'abc',
  node: 'v20',
  backend: { name: 'wasm' },
  cpu: 'CPU',
} as Environment;

/** Answers to six clips of each speaker: two of each emotion, in the order of the labels. */
export function result(answers: Readonly<Record<string, string>>, changes: Partial<CellResult> = {}): CellResult {
  const clips: Clip[] = [];
  const probabilities: number[] = [];
  for (const [speaker, letters] of Object.entries(answers))
    for (const [i, letter] of [...letters].entries()) {
      const emotion = labels[i >> 1];
      const sex = speaker.startsWith('f') ? 'female' : speaker.startsWith('m') ? 'male' : undefined;
      clips.push({
        ...{ path: `${speaker}${i}`, corpus: 'c', speaker, text: 't', label: emotion, emotion },
        ...(sex && { sex }),
      });
      probabilities.push(...labels.map((label) => (label[0] === letter ? 0.8 : 0.1)));
    }
  const split = { train: [], validation: [], test: clips.map((_, i) => i) } as unknown as Split;
  return {
    ...{ task: 'task', configuration: 'first', seed: 1, network: 'original', normalise: 'clip', augment: [] },
    ...{ protocol: 'speaker', directory: 'd', environment: ENVIRONMENT },
    predictions: { clips, split, labels, probabilities: Float32Array.from(probabilities) },
    ...changes,
  };
}
