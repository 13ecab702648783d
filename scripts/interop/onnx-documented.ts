/** The programs of docs/use-elsewhere.md with ONNX Runtime, as they stand there: in Python, in Node and in Chromium. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { writeFile } from '../../src/common/files.js';
import { loadModel } from '../../src/model/load.js';
import { exportModel } from '../../src/run/export.js';
import { findChromium } from '../../tests/setup/chromium.js';

const ROOT = join(__dirname, '../..');
const MODEL = join(ROOT, 'models/emodb-encoder');
const RECORDING = join(ROOT, 'data/hello.flac');
const PACKAGES = ['onnxruntime-node@1.30.0', 'onnxruntime-web@1.30.0'];

/** How far probabilities may be apart: librosa and browsers resample a little otherwise. */
const TOLERANCES = { python: 5e-3, node: 1e-5, browser: 5e-3 } as const;

/** What a program prints: the probability of each label. */
type Printed = Readonly<Record<string, number>>;

/** How far a program's answer is from that of `predict`. */
export interface DocumentedRow {
  readonly where: string;
  readonly difference: number;
}

/**
 * Runs the documented programs, which take the built-in model and a recording from the folder that they are in.
 *
 * @param python - an interpreter with onnxruntime and librosa
 * @param folder - where packages may be installed and files written
 * @throws Error if a program fails, or its probabilities are too far from those of `predict`
 */
export async function runDocumented(python: string, folder: string): Promise<DocumentedRow[]> {
  const [, text] = readFileSync(join(ROOT, 'docs/use-elsewhere.md'), 'utf8').split('\n## ONNX Runtime\n');
  const [py, node, browser] = [...text.matchAll(/```(?:python|js)\n(.*?)```/gs)].map(([, code]) => code);
  mkdirSync(folder, { recursive: true });
  cpSync(RECORDING, join(folder, 'hello.flac'));
  const file = join(folder, 'model.onnx');
  if (!existsSync(file)) await exportModel(MODEL, { format: 'onnx', out: file });
  installPackages(folder);
  writeFile(join(folder, 'program.mjs'), node);
  const printed: Record<keyof typeof TOLERANCES, Printed> = {
    python: JSON.parse(output(folder, [python, '-c', py]).replaceAll("'", '"')),
    node: JSON.parse(output(folder, [process.execPath, 'program.mjs'])),
    browser: await inChromium(folder, browser),
  };
  const model = await loadModel(MODEL);
  const { probabilities } = await model.predict(RECORDING);
  model.dispose();
  return Object.entries(TOLERANCES).map(([where, tolerance]) => {
    const answer = printed[where as keyof typeof TOLERANCES];
    const labels = Object.keys(probabilities);
    const difference = Math.max(...labels.map((label) => Math.abs(answer[label] - probabilities[label])));
    if (!(difference <= tolerance))
      throw new Error(
        `docs/use-elsewhere.md differs from predict by ${difference} in ${where}, more than ${tolerance}`,
      );
    return { where, difference };
  });
}

/** ONNX Runtime for JavaScript, and this project as the package that it becomes. */
function installPackages(folder: string): void {
  if (!existsSync(join(folder, 'package.json'))) writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  run(folder, ['npm', 'install', '--ignore-scripts', '--no-audit', '--save-exact', ...PACKAGES]);
  run(ROOT, ['npm', 'run', 'build']);
  const own = join(folder, 'node_modules/speech-emotion');
  if (!existsSync(own)) symlinkSync(ROOT, own, 'dir');
}

/** The program bundled, on a page of a local address that serves the folder. */
async function inChromium(folder: string, program: string): Promise<Printed> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Cannot run the program for browsers: there is no Chromium on the search path');
  const runtime = join(folder, 'node_modules/onnxruntime-web');
  const { outputFiles } = await build({
    ...{ stdin: { contents: program, resolveDir: ROOT, loader: 'js' }, alias: { 'onnxruntime-web': runtime } },
    ...{ bundle: true, platform: 'browser', format: 'esm', external: ['@audio/*'], write: false },
  });
  const chrome = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await chrome.newPage();
    await page.route('http://localhost/**', (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      if (name === '')
        return route.fulfill({ contentType: 'text/html', body: '<script type="module" src="/program.js"></script>' });
      if (name === 'program.js') return route.fulfill({ contentType: 'text/javascript', body: outputFiles[0].text });
      return route.fulfill({ path: join(name.startsWith('ort-') ? join(runtime, 'dist') : folder, name) });
    });
    const failed = page.waitForEvent('pageerror').then((error) => Promise.reject(error));
    const said = page.waitForEvent('console', { predicate: (message) => message.type() === 'log', timeout: 120_000 });
    await page.goto('http://localhost/');
    return JSON.parse((await Promise.race([said, failed])).text());
  } finally {
    await chrome.close();
  }
}

function run(folder: string, [command, ...args]: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed: ${stderr.slice(-2000)}`);
  return stdout;
}

/** The last line that a program prints. */
function output(folder: string, command: readonly string[]): string {
  return run(folder, command).trim().split('\n').at(-1)!;
}
