/**
 * `npm run notebooks`: executes the notebooks, each from a fresh kernel, and writes them back with their outputs.
 * Arguments: beginnings of notebooks' names, e.g. `03` (default: all), and `--check`, which writes nothing.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, UsageError } from '../src/common/errors.js';
import { writeFile } from '../src/common/files.js';
import { PICTURES_VARIABLE } from '../src/pages/show.js';
import { KERNEL, NOTEBOOKS, prepareJupyter, ROOT, runPython } from './jupyter.js';

/** Web pages show notebooks up to about this size. */
const LARGEST_BYTES = 1e6;

/** What of the metadata is kept: the rest changes with the machine and the moment. */
const METADATA = {
  kernelspec: { display_name: 'TypeScript (speech-emotion)', language: 'typescript', name: KERNEL },
  language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' },
};

/** What scripts/execute_notebook.py says. */
interface Message {
  readonly cell?: number;
  readonly cells?: number;
  readonly done?: boolean;
  readonly problem?: 'error' | 'stderr' | 'kernel';
  readonly text?: string;
}

interface Output {
  readonly output_type: string;
  readonly metadata?: object;
  readonly text?: string | readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

interface Cell {
  readonly cell_type: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly outputs?: readonly Output[];
}

async function main(args: readonly string[]): Promise<void> {
  const check = args.includes('--check');
  const wanted = args.filter((arg) => arg !== '--check');
  const names = chosen(wanted);
  await prepareJupyter();
  const temporary = mkdtempSync(join(tmpdir(), 'ser-'));
  try {
    for (const name of names) {
      const begun = performance.now();
      const text = await executed(name, join(temporary, name));
      const path = join(NOTEBOOKS, name);
      const changed = text !== readFileSync(path, 'utf8');
      if (changed && !check) writeFile(path, text);
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      const size = `${(Buffer.byteLength(text) / 1000).toFixed(0)} kB`;
      console.log(`${name}: ${seconds} s, ${size}, ${changed ? (check ? 'outputs differ' : 'written') : 'unchanged'}`);
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function chosen(wanted: readonly string[]): string[] {
  const all = readdirSync(NOTEBOOKS)
    .filter((name) => /^\d.*\.ipynb$/.test(name))
    .sort();
  const unknown = wanted.find((start) => !all.some((name) => name.startsWith(start)));
  if (unknown !== undefined) throw new UsageError(`There is no notebook ${unknown}; there are ${all.join(', ')}`);
  return wanted.length === 0 ? all : all.filter((name) => wanted.some((start) => name.startsWith(start)));
}

/** The notebook's new text; throws InputError if a cell fails or prints to standard error. */
async function executed(name: string, result: string): Promise<string> {
  let end: Message = { problem: 'kernel', text: 'it ended early' };
  const onLine = (line: string) => {
    const message = JSON.parse(line) as Message;
    if (message.done || message.problem) end = message;
    else progress(`${name}: cell ${message.cell} of ${message.cells}`);
  };
  const script = join(__dirname, 'execute_notebook.py');
  await runPython([script, join(NOTEBOOKS, name), result], { onLine, env: { [PICTURES_VARIABLE]: '1' } });
  progress('');
  if (end.problem) throw new InputError(problemText(name, end));
  const text = normalised(readFileSync(result, 'utf8'));
  requireShareable(name, text);
  return text;
}

function problemText(name: string, { problem, cell, text = '' }: Message): string {
  const where = cell === undefined ? name : `${name}, code cell ${cell}`;
  const what = {
    error: 'failed',
    stderr: 'printed to standard error, which no reader should see',
    kernel: 'the kernel failed',
  };
  return `${where}: ${what[problem!]}\n${text.trimEnd()}`;
}

/** Without what differs from run to run: times, and settings of whoever had the notebook open. */
function normalised(text: string): string {
  const notebook = JSON.parse(text) as { cells: Cell[]; metadata: object };
  const cells = notebook.cells.map((cell) => ({ ...cell, metadata: {} }));
  return `${JSON.stringify({ ...notebook, cells, metadata: METADATA }, null, 1)}\n`;
}

/** Refuses what must not be committed: too large a file, or paths of this machine. */
function requireShareable(name: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST_BYTES)
    throw new InputError(
      `${name}: it must have at most ${LARGEST_BYTES} bytes with its outputs, current number is ${bytes}`,
    );
  if (text.includes(JSON.stringify(ROOT).slice(1, -1)))
    throw new InputError(`${name}: an output holds the path of this checkout, ${ROOT}; show relative paths`);
}

/** One line that is overwritten on a terminal; lines elsewhere. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (line) console.error(line);
}

main(process.argv.slice(2)).catch((error) => {
  if (!(error instanceof InputError || error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
