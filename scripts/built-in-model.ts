/**
 * `npm run model -- --tess FOLDER`: makes models/emodb-encoder, the model that comes with the project. Its network is judged
 * by leaving each speaker of EMO-DB out once, and by TESS, which is in English; the model is then fitted to all of EMO-DB.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { terminalReporter } from '../src/cli/progress.js';
import { writeFile } from '../src/common/files.js';
import { BUILT_IN_MODEL } from '../src/model/load.js';
import { CARD_FILE } from '../src/model/model-files.js';
import { configFor } from '../src/run/config.js';
import { evaluateModel } from '../src/run/evaluate-model.js';
import { RUN_FILES } from '../src/run/folder.js';
import { runFolds } from '../src/run/folds.js';
import { modelCard } from '../src/run/model-card.js';
import { LEARNT_CONDITIONS } from './learnt-conditions.js';

const WORK = join('runs', 'built-in');

async function main(tess: string): Promise<void> {
  rmSync(WORK, { recursive: true, force: true });
  const options = { backend: 'native', reporter: terminalReporter } as const;
  const directory = join(WORK, 'folds');
  const { card } = await runFolds(configFor('encoder', { conditions: LEARNT_CONDITIONS }), { ...options, directory });
  const model = join(directory, RUN_FILES.model);
  const evaluation = await evaluateModel(model, { ...options, data: tess, directory: join(WORK, 'tess') });
  const elsewhere = [{ ...evaluation, name: 'TESS, in English' }];
  rmSync(BUILT_IN_MODEL, { recursive: true, force: true });
  cpSync(model, BUILT_IN_MODEL, { recursive: true });
  writeFile(join(BUILT_IN_MODEL, CARD_FILE), modelCard({ ...card!, elsewhere }));
  console.log(`The model is in ${BUILT_IN_MODEL}`);
}

new Command()
  .requiredOption('--tess <folder>', 'the recordings of TESS')
  .action(({ tess }) => main(tess))
  .parseAsync()
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
