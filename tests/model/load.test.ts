import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TrainedModel } from '../../src/model/emotion-model.js';
import { BUILT_IN_MODEL, loadModel, readModelCard } from '../../src/model/load.js';
import { loadModel as loadInBrowser } from '../../src/model/load-in-browser.js';
import type { FolderFile } from '../../src/model/model-files.js';

const ROOT = join(__dirname, '../..');
const ENCODER = join(ROOT, 'data/encoder/whisper-base-3.safetensors');
const WASM = require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
const backend = 'wasm';

/** The files of the built-in model, in a folder of this name. */
function files(folder = ''): FolderFile[] {
  return readdirSync(BUILT_IN_MODEL).map((name) => ({
    path: folder + name,
    blob: new Blob([readFileSync(join(BUILT_IN_MODEL, name))]),
  }));
}

describe('loadModel()', function () {
  this.timeout(60_000);
  let server: Server;
  let address: string;
  let expected: readonly number[];

  /** What a model says of a tone; then it is freed. */
  async function answer(loading: Promise<TrainedModel>): Promise<number[]> {
    const model = await loading;
    const sampleRateHz = 16_000;
    const samples = Float32Array.from({ length: sampleRateHz }, (_, i) => 0.3 * Math.sin(i / 10));
    const { probabilities } = await model.predict({ samples, sampleRateHz });
    model.dispose();
    return Object.values(probabilities);
  }

  before(async () => {
    server = createServer(({ url = '' }, response) => {
      const name = basename(url);
      // Computing keeps this process from noticing that a connection was closed meanwhile.
      response.setHeader('connection', 'close');
      if (url.startsWith('/broken/')) response.writeHead(500).end();
      else if (url === '/encoder') response.end(readFileSync(ENCODER));
      else if (url.startsWith('/model/') && readdirSync(BUILT_IN_MODEL).includes(name))
        response.end(readFileSync(join(BUILT_IN_MODEL, name)));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    address = `http://localhost:${(server.address() as AddressInfo).port}`;
    expected = await answer(loadModel(undefined, { backend }));
  });
  after(() => server.close());

  it('takes a folder, its address as a file or on a server, or its files, and gives the same model', async () => {
    for (const source of [
      BUILT_IN_MODEL,
      pathToFileURL(BUILT_IN_MODEL),
      `${address}/model`,
      new URL(`${address}/model/`),
      files(),
      files('model/'),
    ])
      assert.deepEqual(await answer(loadModel(source, { backend })), expected, String(source));
  });

  it('reads recordings with a model from a server, too', async () => {
    const model = await loadModel(`${address}/model`, { backend });
    const { emotion } = await model.predict(join(ROOT, 'data/hello.flac'));
    assert.equal(emotion, 'happiness');
    model.dispose();
  });

  it('says what is missing, and where', async () => {
    const refused = (source: Parameters<typeof loadModel>[0], message: RegExp) =>
      assert.rejects(loadModel(source, { backend }), { name: 'InputError', message });
    await refused(`${address}/none`, /^Cannot load the model in http:.*\/none\/: model\.json is missing$/);
    await refused(`${address}/broken`, /^Cannot load http:.*\/broken\/model\.json: the server says 500$/);
    await refused('http://127.0.0.1:1/model', /^Cannot load http:\/\/127\.0\.0\.1:1\/model\/model\.json: .*bad port$/);
    await refused(
      files().filter(({ path }) => !path.endsWith('.bin')),
      /^Cannot load the model in the given files: weights-\w+\.bin is missing$/,
    );
    await refused([], /^Cannot load a model from the given files: there is no model\.json in it/);
  });

  it('of a browser takes the same, with the encoder and what computes', async () => {
    const encoder = new Uint8Array(readFileSync(ENCODER));
    assert.deepEqual(await answer(loadInBrowser(files(), { wasm: WASM, encoder })), expected);
    const options = { wasm: WASM, encoder: `${address}/encoder` };
    assert.deepEqual(await answer(loadInBrowser(`${address}/model`, options)), expected);
    await assert.rejects(loadInBrowser(files(), { wasm: WASM }), {
      name: 'UsageError',
      message: 'Cannot use this model without its encoder: the weights of whisper-base-3 must be given',
    });
    await assert.rejects(loadInBrowser(files(), { wasm: WASM, encoder: `${address}/none` }), {
      name: 'InputError',
      message: `Cannot load the encoder: there is nothing at ${address}/none`,
    });
  });
});

describe('readModelCard()', () => {
  it("gives a model's card, that of the built-in model unless another is named", () => {
    assert.equal(readModelCard(), readFileSync(join(BUILT_IN_MODEL, 'MODEL_CARD.md'), 'utf8'));
    assert.equal(readModelCard(join(BUILT_IN_MODEL, 'model.json')), readModelCard());
  });

  it('says where there is none', () => {
    assert.throws(() => readModelCard(__dirname), {
      name: 'InputError',
      message: /^Cannot read a model card: there is no .*MODEL_CARD\.md$/,
    });
  });
});
