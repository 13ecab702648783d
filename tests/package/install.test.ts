import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { transform } from 'esbuild';
import { chromium } from 'playwright-core';
import { decodeFile } from '../../src/audio/decode-file.js';
import type { Prediction } from '../../src/model/emotion-model.js';
import { loadModel } from '../../src/model/load.js';
import { wav } from '../audio/wav.js';
import { findChromium } from '../setup/chromium.js';

const ROOT = join(__dirname, '../..');
const LARGEST_BYTES = 30e6;

type Probabilities = Prediction['probabilities'];

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
  let expected: Probabilities;
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ser-package-'));
    run(process.execPath, ['--require', 'tsx/cjs', 'scripts/build.ts'], ROOT);
    [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], ROOT));
    tarball = join(folder, packed.filename);
    put('package.json', JSON.stringify({ name: 'a-product', version: '1.0.0', private: true }));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    run('npm', ['install', ...options, `./${packed.filename}`], folder);
    const { samples, sampleRateHz } = await decodeFile(join(ROOT, 'data/hello.flac'));
    put('hello.wav', wav(Array.from(samples), { sampleRateHz }));
    const model = await loadModel(undefined, { backend: 'wasm' });
    expected = (await model.predict(join(folder, 'hello.wav'))).probabilities;
    model.dispose();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the built-in model, the encoder, the command and what it says of itself, and neither the corpus nor sources', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of ['README.md', 'LICENSE', 'CHANGELOG.md', 'environment.md', 'bin/ser.js', 'dist/index.mjs'])
      assert.ok(paths.includes(path), path);
    assert.ok(
      paths.includes('models/emodb-encoder/model.json') && paths.includes('models/emodb-encoder/MODEL_CARD.md'),
    );
    assert.ok(paths.some((path) => /^data\/encoder\/.*\.safetensors$/.test(path)));
    assert.deepEqual(
      paths.filter((path) => /^(src|tests|data\/emodb)\//.test(path)),
      [],
    );
    assert.ok(packed.size < LARGEST_BYTES, `it has ${packed.size} bytes`);
  });

  it('is what publint and attw expect of a package', () => {
    // Both end with an error where they have found a problem.
    runTool('publint', ['run', '--strict', tarball]);
    runTool('@arethetypeswrong/cli', ['--profile', 'node16', tarball]);
  });

  it('came without tfjs-node, and says so', () => {
    assert.throws(() => readFileSync(join(folder, 'node_modules/@tensorflow/tfjs-node/package.json')), /ENOENT/);
    assert.match(
      run(process.execPath, [command(folder), 'doctor'], folder),
      /tfjs-node is not installed\n +Remedy: install the package with `npm install --ignore-scripts/,
    );
  });

  it('predicts in CommonJS as in the checkout', () => {
    const program = `
      const { loadModel } = require('speech-emotion');
      loadModel().then(async (model) => console.log(JSON.stringify((await model.predict('hello.wav')).probabilities)));`;
    put('program.cjs', program);
    assertClose(JSON.parse(run(process.execPath, ['program.cjs'], folder)), expected);
  });

  it('has the command, which predicts as well, and asks for a corpus where it is to train', () => {
    const predict = [command(folder), 'predict', '--json', 'hello.wav'];
    const [answer] = JSON.parse(run(process.execPath, predict, folder));
    assertClose(answer.probabilities, expected);
    const { status, stderr } = spawnSync(process.execPath, [command(folder), 'run'], { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /EMO-DB comes with a checkout, not with the package: name a folder of recordings as --data/);
  });

  describe('with the examples of docs/api.md', () => {
    const examples = codeBlocks('docs/api.md', 'ts');
    const inBrowsers = examples.filter((code) => code.includes('speech-emotion/browser'));
    const inNode = examples.filter((code) => !inBrowsers.includes(code));

    it('has types that pass without skipLibCheck on both module systems', () => {
      const modules = examples.map((code, i) => {
        put(`example-${i}.mts`, code);
        return `example-${i}.mts`;
      });
      const common = `
        import { loadModel, type Prediction } from 'speech-emotion';
        import { loadModel as loadInBrowser } from 'speech-emotion/browser';
        export async function emotionOf(samples: Float32Array): Promise<string> {
          const model = await loadModel('model', { backend: 'wasm' });
          const { emotion }: Prediction = await model.predict({ samples, sampleRateHz: 16000 });
          return emotion;
        }
        // @ts-expect-error: what computes must be given.
        export const wrong = loadInBrowser('model');
        // @ts-expect-error: they are types, and not \`any\`.
        export const number: Promise<number> = emotionOf(new Float32Array(1));`;
      put('consumer.cts', common);
      put('consumer.mts', common);
      const compilerOptions = {
        ...{ target: 'es2022', lib: ['es2022', 'dom'], module: 'nodenext', types: [], typeRoots: [] },
        ...{ strict: true, skipLibCheck: false, noEmit: true },
      };
      put('tsconfig.json', JSON.stringify({ compilerOptions, files: [...modules, 'consumer.mts', 'consumer.cts'] }));
      for (const compiler of ['typescript', 'typescript-7'])
        run(process.execPath, [join(ROOT, 'node_modules', compiler, 'bin/tsc'), '--project', folder], folder);
    });

    it('predicts in ES modules', async () => {
      const printed: string[] = [];
      for (const code of inNode.filter((each) => !each.includes('run({'))) {
        put('example.mjs', (await transform(code, { loader: 'ts' })).code);
        printed.push(run(process.execPath, ['example.mjs'], folder));
      }
      assert.equal(printed.length, 6);
      const [one, samples, many, running, model, error] = printed;
      const likeliest = Object.entries(expected).sort(([, a], [, b]) => b - a)[0][0];
      assert.match(one, new RegExp(`^${likeliest} `));
      assert.match(samples, /^\w+ \w*\n$/);
      assert.match(many, new RegExp(`^hello\\.wav: ${likeliest}\nmissing\\.wav: there is no such file\n$`));
      assert.deepEqual(running.match(/^[\d.]+/gm), ['2', '2.5', '3']);
      assert.match(model, /anger.*\n# Speech emotion recognition/s);
      assert.match(error, /^Cannot load a model from runs.none/);
    });

    it('predicts in Chromium, bundled by Vite', async function () {
      const executablePath = findChromium();
      if (!executablePath) {
        console.log('      skipped: there is no Chromium or Chrome on the search path');
        this.skip();
      }
      const [code] = inBrowsers;
      const site = join(folder, 'site');
      mkdirSync(join(site, 'public'), { recursive: true });
      writeFileSync(join(site, 'index.html'), '<!doctype html><body><script type="module" src="main.ts"></script>');
      writeFileSync(join(site, 'main.ts'), code);
      const modules = join(folder, 'node_modules');
      for (const path of [
        'speech-emotion/models',
        'speech-emotion/data/encoder/whisper-base-3.safetensors',
        '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
      ])
        cpSync(join(modules, path), join(site, 'public', basename(path)), { recursive: true });
      copyFileSync(join(folder, 'hello.wav'), join(site, 'public/hello.wav'));
      runTool('vite', ['build', '--logLevel', 'warn'], site);
      const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage();
        page.setDefaultTimeout(120_000);
        await page.route('http://localhost/**', (route) => {
          const { pathname } = new URL(route.request().url());
          return route.fulfill({ path: join(site, 'dist', pathname === '/' ? 'index.html' : pathname) });
        });
        await page.goto('http://localhost/');
        await page.waitForFunction(() => document.title !== '');
        assertClose(JSON.parse((await page.locator('body').textContent())!), expected, 1e-4);
      } finally {
        await browser.close();
      }
    });
  });

  it('answers recordings in the server of docs/use-elsewhere.md', async () => {
    const [server] = codeBlocks('docs/use-elsewhere.md', 'js').filter((code) => code.includes('createServer'));
    put('server.mjs', server.replace('.listen(8080)', '.listen(0, function () { console.log(this.address().port); })'));
    const child = spawn(process.execPath, ['server.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const port = await new Promise<string>((resolve) =>
        child.stdout.once('data', (text) => resolve(String(text).trim())),
      );
      const post = (body: Uint8Array<ArrayBuffer>) => fetch(`http://localhost:${port}`, { method: 'POST', body });
      const answer = await post(Uint8Array.from(readFileSync(join(folder, 'hello.wav'))));
      assert.equal(answer.status, 200);
      assertClose(((await answer.json()) as Prediction).probabilities, expected);
      const refused = await post(new TextEncoder().encode('no recording'));
      assert.equal(refused.status, 400);
      assert.match(((await refused.json()) as { reason: string }).reason, /^the recording: not a recording/);
    } finally {
      child.kill();
    }
  });
});

/** The blocks of code of a document that are in a language. */
function codeBlocks(document: string, language: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code);
}

/** The installed command's file. */
function command(folder: string): string {
  return join(folder, 'node_modules/speech-emotion/bin/ser.js');
}

function assertClose(actual: Probabilities, expected: Probabilities, tolerance = 1e-6): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [label, value] of Object.entries(expected))
    assert.ok(Math.abs(actual[label] - value) < tolerance, `${label}: ${actual[label]} instead of ${value}`);
}
