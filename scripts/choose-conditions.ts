/**
 * `npm run conditions`: which conditions should the encoder's layer learn from? Prints what each choice finds of the validation
 * speakers of EMO-DB's ten folds, as they are and under conditions that none of the choices has.
 */

import { useBackend } from '../src/backend/backend.js';
import { terminalReporter } from '../src/cli/progress.js';
import { mean } from '../src/common/statistics.js';
import { points } from '../src/common/text.js';
import { textTable } from '../src/common/text-table.js';
import { subsetOf } from '../src/dataset/examples.js';
import { evaluate } from '../src/evaluation/metrics.js';
import { NETWORKS } from '../src/networks/networks.js';
import { predictProbabilities } from '../src/networks/probabilities.js';
import { configFor } from '../src/run/config.js';
import { corpusFor } from '../src/run/corpus.js';
import { foldConfigs } from '../src/run/folds.js';
import { prepare, splitFor } from '../src/run/prepare.js';
import { estimatorFor } from '../src/training/estimator.js';

const NOISE = ['white-noise-10dB', 'speech-noise-10dB'];
const TILTS = ['tilt+3dB', 'tilt-3dB'];

/** What is compared. */
const CHOICES: readonly (readonly string[])[] = [
  [],
  ['white-noise-10dB'],
  ['speech-noise-10dB'],
  NOISE,
  ['telephone', ...NOISE],
  [...NOISE, 'reverb-0.3s'],
  ['telephone', 'speech-noise-10dB', 'reverb-0.3s'],
  ['telephone', ...NOISE, 'reverb-0.3s'],
  ['telephone', ...NOISE, 'reverb-0.3s', ...TILTS],
  ['telephone', 'white-noise-20dB', ...NOISE, 'reverb-0.3s', ...TILTS],
];

/** What they are compared by: other levels, another room, or nothing like them; the telephone is in some. */
const HEARD = ['white-noise-5dB', 'speech-noise-5dB', 'telephone', 'reverb-0.8s', 'clipping-10%'];

async function main(): Promise<void> {
  await useBackend('auto');
  const conditions = [...new Set([...CHOICES.flat(), ...HEARD])];
  const config = configFor('encoder', { conditions });
  const corpus = await corpusFor(config);
  const { dataset, copies, clips, labels, shape } = await prepare(config, corpus, { reporter: terminalReporter });
  // Of all clips as they are, then under each condition.
  const rowsOf = (indices: readonly number[], condition?: string) => {
    const first = condition === undefined ? 0 : (1 + conditions.indexOf(condition)) * dataset.count;
    return indices.map((i) => first + i);
  };
  const all = [...clips.keys()];
  const folds = foldConfigs(clips, { ...config, conditions: [] }).map((fold) => splitFor(clips, fold));
  const estimator = estimatorFor(NETWORKS.encoder, { ...config, shape });
  const bar = terminalReporter.progress('fits', CHOICES.length * folds.length);
  const rows: string[][] = [];
  for (const [c, choice] of CHOICES.entries()) {
    const learnt = subsetOf(
      copies!,
      [undefined, ...choice].flatMap((condition) => rowsOf(all, condition)),
    );
    const found: number[][] = [];
    for (const [f, { train, validation }] of folds.entries()) {
      const { network } = await estimator.fit({ dataset, copies: learnt, train, validation });
      found.push(
        [undefined, ...HEARD].map((condition) => {
          const heard = subsetOf(copies!, rowsOf(validation, condition));
          return evaluate(heard.targets, predictProbabilities(network, heard), labels).uar;
        }),
      );
      network.dispose();
      bar.update(c * folds.length + f + 1);
    }
    rows.push([choice.join(', ') || 'none', ...found[0].map((_, k) => points(mean(found.map((uar) => uar[k]))))]);
  }
  bar.stop();
  console.log(textTable(['learnt from', 'as they are', ...HEARD], rows));
}

main();
