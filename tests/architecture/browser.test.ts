import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { useBackend } from '../../src/backend/backend.js';
import type { BackendInfo } from '../../src/backend/info.js';
import { FEATURE_DEFAULTS } from '../../src/features/features.js';
import { storedModel } from '../../src/model/bundle.js';
import { originalNetwork } from '../../src/networks/original.js';
import { findChromium } from '../setup/chromium.js';
import { melPower, probabilities, type Stored } from './prediction.js';
import { pureFiles } from './pure.js';

const ROOT = join(__dirname, '../..');
const WASM = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));

/**
 * Bundles a program for browsers, where `node:fs` and the like cannot be resolved.
 *
 * @throws Error with the import that cannot
 */
async function bundled(contents: string): Promise<{ code: string; files: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'bundle',
    // audio-decode loads the decoder of a format when it is needed; not every format's is installed.
    external: ['@audio/*'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles[0].text, files: Object.keys(metafile.inputs) };
}

/** What the bundle makes known to the page. */
declare const bundle: typeof import('./prediction.js') &
  Pick<typeof import('@tensorflow/tfjs-core'), 'setBackend'> &
  Pick<typeof import('@tensorflow/tfjs-backend-wasm'), 'setWasmPaths'>;

const PAGE = `
  export { melPower, probabilities } from './tests/architecture/prediction.ts';
  export { setBackend } from '@tensorflow/tfjs-core';
  export { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
`;

/** A page of a local address, as Web Crypto needs one, with the program and tfjs's WebAssembly. */
async function open(browser: Browser): Promise<Page> {
  const { code } = await bundled(PAGE);
  const page = await browser.newPage();
  await page.route('http://localhost/**', (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === '') return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>test</title>' });
    return route.fulfill({ contentType: 'application/wasm', path: join(WASM, name) });
  });
  await page.goto('http://localhost/');
  await page.addScriptTag({ content: code });
  return page;
}

function assertClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  const furthest = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(furthest <= tolerance, `the largest difference is ${furthest}, more than ${tolerance}`);
}

describe('what computes from its arguments alone', function () {
  this.timeout(60_000);

  it('is bundled for browsers without anything of Node', async () => {
    const pure = pureFiles();
    assert.ok(pure.includes('src/features/mel.ts') && pure.includes('src/model/emotion-model.ts'));
    const { files } = await bundled(pure.map((file, i) => `export * as part${i} from './${file}';`).join('\n'));
    for (const file of pure) assert.ok(files.includes(file), file);
  });

  it('is told apart from what needs Node', async () => {
    await assert.rejects(bundled("export * from './src/audio/decode-file.ts';"), /Could not resolve "node:fs"/);
  });

  describe('in Chromium', () => {
    let browser: Browser | undefined;
    let page: Page;

    before(async function () {
      const executablePath = findChromium();
      if (!executablePath) {
        console.log('      skipped: there is no Chromium or Chrome on the search path');
        this.skip();
      }
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      page = await open(browser);
    });
    after(() => browser?.close());

    it('gives the same mel spectrogram as in Node', async () => {
      const expected = melPower();
      assertClose(await page.evaluate(() => bundle.melPower()), expected, 1e-6 * Math.max(...expected));
    });

    it('predicts from samples as in Node', async () => {
      const backend = await useBackend('wasm');
      const stored = await smallModel();
      const expected = await probabilities(stored, backend);
      const found = await page.evaluate(
        async ([stored, backend]) => {
          bundle.setWasmPaths('http://localhost/');
          await bundle.setBackend('wasm');
          return bundle.probabilities(stored, backend);
        },
        [stored, backend] as [Stored, BackendInfo],
      );
      assert.equal(expected.length, 4, 'the waveform has four windows');
      assert.notDeepEqual(expected[0], expected[3], 'they differ');
      assertClose(found.flat(), expected.flat(), 1e-6);
    });
  });
});

/** A small network with its first weights. */
async function smallModel(): Promise<Stored> {
  const shape = { bands: 128, frames: 87, classes: 3, seed: 4 };
  const network = originalNetwork(shape, { filters: [8, 4], denseUnits: [6] });
  const { json, weights } = await storedModel(network, {
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
  return { json, weights: Array.from(weights) };
}
