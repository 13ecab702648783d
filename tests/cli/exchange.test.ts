import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BACKEND, type Outcome, ser, smallCorpus } from './ser.js';

const GOLDEN = join(__dirname, '../golden/keras/keras3');
const BANDS = '{"name":"mel","options":{"bands":16}}';

describe('ser export and ser import', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const at = (...names: string[]) => join(root, ...names);
  const command = (...args: string[]) => ser([...args, '--backend', BACKEND], { cwd: root });
  const succeeded = async (...args: string[]) => {
    const { code, stdout, stderr } = await command(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const failed = ({ code, stdout, stderr }: Outcome, status: number, message: RegExp) => {
    assert.deepEqual([code, stdout], [status, ''], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at |fault of the program/);
  };
  let clip: string;
  before(async () => {
    [clip] = smallCorpus(at('corpus'));
    copyFileSync(join(GOLDEN, 'original.keras'), at('original.keras'));
    copyFileSync(join(GOLDEN, 'original.h5'), at('original.h5'));
    await succeeded('run', '--data', 'corpus', '--network', 'original', '--epochs', '1', '--out', 'first');
  });
  after(() => rmSync(root, { recursive: true }));

  /** What a model answers to a clip. */
  async function answer(model: string): Promise<Record<string, number>> {
    const [{ probabilities }] = JSON.parse(await succeeded('predict', '--model', model, `corpus/${clip}`, '--json'));
    return probabilities;
  }

  it('exports the file that the run has left, and its card beside it', async () => {
    const stdout = await succeeded('export', 'first', '--format', 'keras', '--out', 'out/first.keras');
    assert.match(stdout, /^out\/first\.keras: [\d,]+ bytes; its card is out\/first\.keras\.md\n$/);
    assert.ok(readFileSync(at('out/first.keras')).equals(readFileSync(at('first/best_model.keras'))));
    const card = readFileSync(at('out/first.keras.md'), 'utf8');
    assert.equal(card, readFileSync(at('first/model/MODEL_CARD.md'), 'utf8'));
    assert.match(
      card,
      /## What it takes and gives\n\n- Gives one probability for each of, in this order: anger, happiness, sadness\.\n/,
    );
    assert.match(card, /- Normalisation: z-scored: less the mean of all values of the clip/);
  });

  it('writes every format under its usual name, of several files as a folder', async () => {
    mkdirSync(at('here'));
    for (const format of ['keras', 'onnx', 'tfjs', 'safetensors']) {
      const { code, stderr } = await ser(['export', '../first/model', '--format', format], { cwd: at('here') });
      assert.equal(code, 0, stderr);
    }
    const names = ['best_model.keras', 'model.onnx', 'model.safetensors'].flatMap((name) => [name, `${name}.md`]);
    assert.deepEqual(readdirSync(at('here')).sort(), [...names, 'tfjs']);
    assert.deepEqual(await answer('here/tfjs'), await answer('first'));
    assert.ok(existsSync(at('here/tfjs/MODEL_CARD.md')));
  });

  it('export tells what is wrong, and writes nothing', async () => {
    failed(await command('export', 'first'), 2, /required option '--format <name>' not specified/);
    failed(await command('export', 'first', '--format', 'pickle'), 2, /Allowed choices are keras, /);
    failed(await command('export', 'corpus', '--format', 'keras', '--out', 'no.keras'), 1, /there is no model\.json/);
    failed(
      await command('export', 'first', '--format', 'keras', '--out', 'first/best_model.keras'),
      1,
      /Cannot write first\/best_model\.keras: there is such a file or folder already/,
    );
    assert.ok(!existsSync(at('no.keras')) && !existsSync(at('no.keras.md')));
  });

  it('imports what it has exported, with all that it says of itself', async () => {
    const stdout = await succeeded('import', 'first/best_model.keras');
    assert.match(stdout, /^best_model: a network of 433,667 parameters for anger, happiness, sadness\n/);
    assert.deepEqual(await answer('best_model'), await answer('first'));
    assert.match(
      readFileSync(at('best_model/MODEL_CARD.md'), 'utf8'),
      /trained on emodb\n\n## What it takes and gives\n\n- .*in this order: anger/,
    );
  });

  it('imports what Keras has trained: predict, evaluate and stress work on it', async () => {
    const stdout = await succeeded(
      ...['import', 'original.keras', '--labels', 'angry, happy,sad', '--features', BANDS, '--out', 'theirs'],
    );
    assert.match(stdout, /^theirs: a network of 593 parameters for anger, happiness, sadness\n/);
    assert.match(stdout, /It hears mel .*"bands":16.*, 12 frames, normalised: clip\n/);
    assert.match(stdout, /ser predict --model theirs/);
    assert.deepEqual(Object.keys(await answer('theirs')), ['anger', 'happiness', 'sadness']);
    assert.match(await succeeded('evaluate', 'theirs', '--data', 'corpus', '--out', 'tested'), /UAR \d/);
    assert.match(
      await succeeded('stress', 'theirs', '--data', 'corpus', '--only', 'gain-6dB', '--out', 'tested'),
      /clean/,
    );
    const report = readFileSync(at('tested/report.html'), 'utf8');
    assert.match(report, /It is not known what the model was trained with: it was imported/);
  });

  it('imports .h5 files, with another normalisation, and like another model', async () => {
    const labels = ['--labels', 'anger,fear,neutral'];
    const stdout = await succeeded(
      ...['import', 'original.h5', ...labels, '--features', BANDS, '--normalise', 'bands', '--out', 'bands'],
    );
    assert.match(stdout, /normalised: bands\n/);
    await succeeded('import', 'original.keras', '--like', 'bands', '--out', 'alike');
    assert.deepEqual(await answer('alike'), await answer('bands'));
  });

  it('import tells what is wrong, and writes nothing', async () => {
    const labels = ['--labels', 'a,b,c'];
    const out = ['--out', 'nothing'];
    failed(
      await command('import', 'original.keras', ...out),
      1,
      /what its 3 outputs mean; give --labels, in their order/,
    );
    failed(
      await command('import', 'original.keras', ...labels, ...out),
      1,
      /the 128 bands of its features \(--features /,
    );
    failed(await command('import', 'original.keras', '--labels', 'a', ...out), 2, /two or more, separated by commas/);
    for (const features of ['mfcc', '{"name":"mfcc"}', '{"name":"mel","options":{"bands":-1}}', '{'])
      failed(await command('import', 'original.keras', '--features', features, ...out), 2, /one of mel, .*or JSON: /);
    failed(await command('import', 'nowhere.keras', ...out), 1, /nowhere\.keras is missing/);
    failed(await command('import', 'corpus', ...out), 1, /corpus is damaged: it is no regular file/);
    failed(await command('import', 'original.keras', '--like', 'corpus', ...out), 1, /there is no model\.json/);
    failed(await command('import', 'original.keras', '--normalise', 'train', ...out), 2, /Allowed choices are clip, /);
    assert.ok(!existsSync(at('nothing')));
    failed(
      await command('import', 'original.keras', ...labels, '--out', 'corpus'),
      1,
      /it is not empty; choose another --out/,
    );
    writeFileSync(at('a-file'), '');
    failed(await command('import', 'original.keras', ...labels, '--out', 'a-file'), 1, /it is a file, not a folder/);
  });
});
