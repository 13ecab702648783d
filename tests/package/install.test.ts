import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { useBackend } from '../../src/backend/backend.js';
import { FEATURE_DEFAULTS } from '../../src/features/features.js';
import { saveBundle } from '../../src/model/bundle-files.js';
import { loadModel } from '../../src/model/load.js';
import { originalNetwork } from '../../src/networks/original.js';
import { wav } from '../audio/wav.js';
import { EMODB } from '../cli/ser.js';

const ROOT = join(__dirname, '../..');
const LARGEST_BYTES = 30e6;

/** A file that `npm pack` puts into the package. */
interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Runs a command to its end; throws what it printed if it fails. */
function run(command: string, args: readonly string[], cwd: string): string {
  const shell = process.platform === 'win32' && command !== process.execPath;
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', shell });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** Runs the main program of a package of the checkout. */
function runTool(name: string, args: readonly string[], cwd = ROOT): string {
  const folder = join(ROOT, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const program = typeof bin === 'string' ? bin : (Object.values(bin)[0] as string);
  return run(process.execPath, [join(folder, program), ...args], cwd);
}

describe('the package, installed in an empty project without install scripts and without tfjs-node', function () {
  this.timeout(300_000);

  let folder: string;
  let packed: Packed;
  let tarball: string;
  let expected: Readonly<Record<string, number>>;
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-package-'));
    run(process.execPath, ['--require', 'tsx/cjs', 'scripts/build.ts'], ROOT);
    [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], ROOT));
    tarball = join(folder, packed.filename);
    put('package.json', JSON.stringify({ name: 'a-product', version: '1.0.0', private: true }));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    run('npm', ['install', ...options, `./${packed.filename}`], folder);
    const { samples, sampleRateHz } = await decodeFile(join(EMODB, '03a01Fa.flac'));
    put('hello.wav', wav(Array.from(samples), { sampleRateHz }));
    await saveSmallModel(join(folder, 'model'));
    const model = await loadModel(join(folder, 'model'), { backend: 'wasm' });
    expected = (await model.predict(join(folder, 'hello.wav'))).probabilities;
    model.dispose();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the encoder, the command and what it says of itself, and neither the corpus nor sources', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of ['README.md', 'LICENSE', 'CHANGELOG.md', 'environment.md', 'bin/ser.js', 'dist/index.mjs'])
      assert.ok(paths.includes(path), path);
    assert.ok(paths.some((path) => /^data\/encoder\/.*\.safetensors$/.test(path)));
    assert.deepEqual(
      paths.filter((path) => /^(src|tests|data\/emodb)\//.test(path)),
      [],
    );
    assert.ok(packed.size < LARGEST_BYTES, `it has ${packed.size} bytes`);
  });

  it('is what publint and attw expect of a package', () => {
    assert.match(runTool('publint', ['run', '--strict', tarball]), /All good!/);
    assert.match(runTool('@arethetypeswrong/cli', ['--no-color', tarball]), /No problems found/);
  });

  it('came without tfjs-node, and says so', () => {
    assert.throws(() => readFileSync(join(folder, 'node_modules/@tensorflow/tfjs-node/package.json')), /ENOENT/);
    assert.match(
      run(process.execPath, [command(folder), 'doctor'], folder),
      /tfjs-node is not installed\n +Remedy: install the package with `npm install --ignore-scripts/,
    );
  });

  const program = `
    const model = await loadModel('model');
    const { probabilities } = await model.predict('hello.wav');
    console.log(JSON.stringify(probabilities));`;
  const programs = {
    'program.mjs': `import { loadModel } from 'speech-emotion';${program}`,
    'program.cjs': `const { loadModel } = require('speech-emotion');(async () => {${program}})();`,
  };
  for (const [name, content] of Object.entries(programs))
    it(`predicts in ${name} as in the checkout`, () => {
      put(name, content);
      assertClose(JSON.parse(run(process.execPath, [name], folder)), expected);
    });

  it('has the command, which predicts as well, and asks for a corpus where it is to train', () => {
    const [answer] = JSON.parse(
      run(process.execPath, [command(folder), 'predict', '--json', '--model', 'model', 'hello.wav'], folder),
    );
    assertClose(answer.probabilities, expected);
    const { status, stderr } = spawnSync(process.execPath, [command(folder), 'run'], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /EMO-DB comes with a checkout, not with the package: name a folder of recordings as --data/);
  });

  it('has types that pass without skipLibCheck on both module systems', () => {
    const content = `
      import { InputError, loadModel, RUN_DEFAULTS, run, type Prediction, type RunConfig } from 'speech-emotion';
      export async function emotionOf(samples: Float32Array): Promise<string> {
        const model = await loadModel('model', { backend: 'wasm' });
        const { emotion, windows }: Prediction = await model.predict({ samples, sampleRateHz: 16000 });
        return windows[0].probability > 0.5 ? emotion : 'unsure';
      }
      export const config: RunConfig = { ...RUN_DEFAULTS, epochs: 3 };
      export const epochs = run(config).then((result) => result.epochs);
      export const isExpected = (error: unknown): boolean => error instanceof InputError;
      // @ts-expect-error: they are types, and not \`any\`.
      export const wrong: Promise<number> = emotionOf(new Float32Array(1));`;
    put('consumer.mts', content);
    put('consumer.cts', content);
    const compilerOptions = {
      ...{ target: 'es2022', lib: ['es2022', 'dom'], module: 'nodenext', types: [], typeRoots: [] },
      ...{ strict: true, skipLibCheck: false, noEmit: true },
    };
    put('tsconfig.json', JSON.stringify({ compilerOptions, files: ['consumer.mts', 'consumer.cts'] }));
    for (const compiler of ['typescript', 'typescript-7'])
      run(process.execPath, [join(ROOT, 'node_modules', compiler, 'bin/tsc'), '--project', folder], folder);
  });
});

/** The installed command's file. */
function command(folder: string): string {
  return join(folder, 'node_modules/speech-emotion/bin/ser.js');
}

function assertClose(actual: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [label, value] of Object.entries(expected)) assert.ok(Math.abs(actual[label] - value) < 1e-6, label);
}

/** A small network with its first weights. */
async function saveSmallModel(directory: string): Promise<void> {
  await useBackend('wasm');
  const shape = { bands: 128, frames: 87, classes: 3, seed: 4 };
  const network = originalNetwork(shape, { filters: [8, 4], denseUnits: [6] });
  mkdirSync(directory);
  await saveBundle(directory, network, {
    labels: ['anger', 'happiness', 'sadness'],
    features: FEATURE_DEFAULTS,
    input: 'picture',
    frames: shape.frames,
    normalisation: 'clip',
    answers: 'windows',
    trainedOn: { corpus: 'test', protocol: 'speaker', seed: shape.seed, network: 'original', clips: 3 },
    versions: {},
  });
  network.dispose();
}
