/** `npm run lab`: opens JupyterLab on the notebooks; further arguments go to it, e.g. `-- --no-browser --port 9000`. */
import { InputError } from '../src/common/errors.js';
import { prepareJupyter, ROOT, runPython } from './jupyter.js';

async function main(): Promise<number> {
  await prepareJupyter();
  console.error('Starting JupyterLab; Ctrl-C ends it');
  // The whole project, so that `src` can be read and changed beside the notebooks.
  const place = [`--ServerApp.root_dir=${ROOT}`, '--LabApp.default_url=/lab/tree/notebooks'];
  const given = process.argv.slice(2);
  const nameOf = (option: string) => option.split('=')[0];
  // JupyterLab refuses an option that is given twice.
  const ours = place.filter((option) => !given.map(nameOf).includes(nameOf(option)));
  return runPython(['-m', 'jupyterlab', ...ours, ...given]);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    if (!(error instanceof InputError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  },
);
