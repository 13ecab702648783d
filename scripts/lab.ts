/** `npm run lab`: opens JupyterLab on the notebooks; further arguments go to it, e.g. `-- --no-browser --port 9000`. */
import { InputError } from '../src/errors.js';
import { NOTEBOOKS, prepareJupyter, runPython } from './jupyter.js';

async function main(): Promise<number> {
  await prepareJupyter();
  console.error('Starting JupyterLab; Ctrl-C ends it');
  const root = `--ServerApp.root_dir=${NOTEBOOKS}`;
  return runPython(['-m', 'jupyterlab', root, ...process.argv.slice(2)]);
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
