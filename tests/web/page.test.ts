import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type ServedPage, servedPage } from '../../scripts/web-page.js';
import { decodeFile } from '../../src/audio/decode-file.js';
import { resample } from '../../src/audio/resample.js';
import { wavFile } from '../../src/audio/wav-file.js';
import { useBackend } from '../../src/backend/backend.js';
import { joined } from '../../src/common/joined.js';
import { createMelSpectrogram, MEL_DEFAULTS } from '../../src/features/mel.js';
import type { WindowPrediction } from '../../src/model/answer.js';
import { saveBundle, saveEnsemble } from '../../src/model/bundle-files.js';
import type { TrainedModel } from '../../src/model/emotion-model.js';
import { BUILT_IN_MODEL, loadModel } from '../../src/model/load.js';
import { RunningPrediction } from '../../src/model/running.js';
import { originalNetwork } from '../../src/networks/original.js';
import type { Reply } from '../../web/messages.js';
import { PICTURE } from '../../web/pictures.js';
import { findChromium } from '../setup/chromium.js';

const CLIP = 'data/emodb/03a01Fa.flac';
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What the page's worker has told it, kept for the tests. */
declare const replies: Reply[];
declare const axe: { run: () => Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };

/** Runs in the page before its own code: notes what the worker says. */
function noteReplies(): void {
  const noted: unknown[] = [];
  Object.assign(window, { replies: noted });
  const Original = Worker;
  window.Worker = class extends Original {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      this.addEventListener('message', ({ data }) => noted.push(data));
    }
  };
}

describe('the page, in Chromium', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'ser-'));
  let served: ServedPage;
  let browser: Browser | undefined;
  let context: BrowserContext;
  let page: Page;
  let node: TrainedModel;
  /** Three clips one after the other, at the rate of many microphones. */
  let long: Float32Array;
  const elsewhere: string[] = [];
  const problems: string[] = [];

  const opened = async (): Promise<Page> => {
    const next = await context.newPage();
    next.on('pageerror', ({ message }) => problems.push(message));
    next.on('request', (request) => {
      if (!request.url().startsWith(served.url)) elsewhere.push(request.url());
    });
    await next.addInitScript(noteReplies);
    await next.goto(served.url);
    await next.waitForSelector('#record:enabled', { timeout: 30_000 });
    return next;
  };
  const text = async (id: string) => (await page.textContent(`#${id}`))!.trim();
  /** Drops files as a person does. */
  const drop = (files: readonly { readonly name: string; readonly bytes: Uint8Array }[]) =>
    page.evaluate(
      (given) => {
        replies.length = 0;
        const dataTransfer = new DataTransfer();
        for (const { name, base64 } of given)
          dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      },
      files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') })),
    );
  const until = (kind: Reply['kind']) =>
    page.waitForFunction((wanted) => replies.some((reply) => reply.kind === wanted), kind, { timeout: 30_000 });
  const forget = () =>
    page.evaluate(() => {
      replies.length = 0;
    });
  const answers = () =>
    page.evaluate(() => replies.flatMap((reply) => (reply.kind === 'answer' ? [reply.answer] : [])));
  const assertAlike = (found: WindowPrediction, expected: WindowPrediction) => {
    assert.equal(found.emotion, expected.emotion);
    for (const [label, probability] of Object.entries(expected.probabilities))
      assert.ok(
        Math.abs(found.probabilities[label] - probability) < 1e-4,
        `${label}: ${found.probabilities[label]} for ${probability}`,
      );
  };
  const violations = async () => {
    await page.evaluate(AXE);
    const found = await page.evaluate(async () => (await axe.run()).violations);
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  };
  const fitsAcross = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

  before(async function () {
    const executablePath = findChromium();
    if (!executablePath) {
      console.log('      skipped: there is no Chromium or Chrome on the search path');
      this.skip();
    }
    await useBackend('wasm');
    node = await loadModel(BUILT_IN_MODEL, { backend: 'wasm' });
    const clips = await Promise.all(
      ['03a01Fa', '08a01Wa', '10a05Tb'].map((name) => decodeFile(`data/emodb/${name}.flac`)),
    );
    long = resample(joined(clips.map(({ samples }) => samples)), 22050, 44100);
    writeFileSync(join(folder, 'microphone.wav'), wavFile(long, 44100));
    served = await servedPage();
    browser = await chromium.launch({
      executablePath,
      args: [
        ...['--no-sandbox', '--use-fake-device-for-media-stream'],
        `--use-file-for-fake-audio-capture=${join(folder, 'microphone.wav')}`,
      ],
    });
    context = await browser.newContext({ viewport: { width: 1180, height: 900 } });
    page = await opened();
  });
  after(async () => {
    await browser?.close();
    await served?.close();
    node?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loads the model once, with progress, and says whom it knows', async () => {
    const shares = await page.evaluate(() =>
      replies.flatMap((reply) => (reply.kind === 'loading' ? [reply.share] : [])),
    );
    assert.ok(
      shares.length > 1 && shares.at(-1) === 1 && shares.every((share, i) => i === 0 || share >= shares[i - 1]),
    );
    assert.equal(await page.isVisible('#loading'), false);
    assert.match(await text('model-facts'), /535 clips of emodb: 10 speakers, in German/);
    assert.match(await text('card'), /must not be used for/);
    assert.match((await page.textContent('footer')) ?? '', /no lie detector/);
    assert.equal(served.asked.filter((name) => name.endsWith('.safetensors')).length, 1);
  });

  it('tells of a dropped recording what `predict` tells of it in Node, and draws the same spectrogram', async () => {
    await drop([{ name: '03a01Fa.flac', bytes: readFileSync(CLIP) }]);
    await until('heard');
    const heard = (await page.evaluate(() => replies.find((reply) => reply.kind === 'heard')))!;
    const expected = await node.predict(await decodeFile(CLIP));
    assert.ok(heard.kind === 'heard' && heard.whole);
    assertAlike(heard.whole, expected);
    assert.match(await text('emotion'), new RegExp(`^${expected.emotion}`));
    assert.equal(await text('about'), '03a01Fa.flac, 2 s');
    assert.match(await text('announcement'), new RegExp(`03a01Fa.flac, 2 s: ${expected.emotion}`));
    const decibels = await page.evaluate(() =>
      replies.flatMap((reply) => (reply.kind === 'pictures' ? [...reply.decibels] : [])),
    );
    const { samples, sampleRateHz } = await decodeFile(CLIP);
    const { values, bands, frames } = createMelSpectrogram(PICTURE)(
      resample(samples, sampleRateHz, PICTURE.sampleRateHz),
    );
    assert.equal(decibels.length, bands * frames);
    // Chromium divides positive samples of 16 bits by 32,767, and negative ones by 32,768.
    for (const [i, value] of decibels.entries()) {
      const power = Math.max(1e-10, values[(i % bands) * frames + Math.floor(i / bands)]);
      assert.ok(Math.abs(value - 10 * Math.log10(power)) < 0.02, `column ${Math.floor(i / bands)}`);
    }
  });

  it('tells of a longer one what a running answer tells in Node, window by window', async () => {
    const samples = long.subarray(0, 3.5 * 44100);
    const bytes = wavFile(samples, 44100);
    await drop([{ name: 'long.wav', bytes }]);
    await until('heard');
    const found = (await answers()) as WindowPrediction[];
    // As the file has it, in 16 bits.
    writeFileSync(join(folder, 'long.wav'), bytes);
    const running = new RunningPrediction(node, { sampleRateHz: 44100 });
    const stored = (await decodeFile(join(folder, 'long.wav'))).samples;
    const expected = [...(await running.hear(stored)), ...(await running.end())] as WindowPrediction[];
    assert.deepEqual(
      found.map(({ startSeconds }) => startSeconds),
      expected.map(({ startSeconds }) => startSeconds),
    );
    for (const [i, answer] of expected.entries()) assertAlike(found[i], answer);
  });

  it('is used with the keyboard: windows, the threshold, and what is inside', async () => {
    const order: string[] = [];
    await page.focus('#record');
    for (let i = 0; i < 6; i++) {
      order.push(await page.evaluate(() => document.activeElement!.id || document.activeElement!.tagName));
      await page.keyboard.press('Tab');
    }
    assert.deepEqual(order, ['record', 'choose', 'example', 'uncertain-below', 'moments', 'SUMMARY']);
    await page.focus('#moments');
    await page.keyboard.press('End');
    const [first, , last] = (await answers()) as WindowPrediction[];
    assert.match(
      (await page.getAttribute('#moments', 'aria-valuetext'))!,
      new RegExp(`^1.5 s to 3.5 s: ${last.emotion}, `),
    );
    assert.equal(await text('about'), 'From 1.5 s to 3.5 s');
    await page.keyboard.press('Home');
    assert.match(await text('emotion'), new RegExp(`^${first.emotion}`));
    await page.focus('#uncertain-below');
    await page.keyboard.press('End');
    if (first.probability < 0.95) assert.match(await text('emotion'), new RegExp(`^uncertain.*${first.emotion}`));
    else assert.match(await text('emotion'), new RegExp(`^${first.emotion}`));
    assert.equal(await text('uncertain-share'), '95 %');
    await page.keyboard.press('Home');
    await page.focus('#inside summary');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => replies.some((reply) => reply.kind === 'evidence' && reply.done), undefined, {
      timeout: 40_000,
    });
    assert.match(await text('evidence-text'), /spoke/);
    const inside = await page.evaluate(() => {
      const found = replies.find((reply) => reply.kind === 'inside')!;
      return found.kind === 'inside' ? found.networks[0].activations.map(({ layer }) => layer) : [];
    });
    assert.deepEqual(inside.slice(-2), ['logits', 'softmax']);
    assert.equal(await page.locator('#networks figure').count(), 1 + inside.length);
    await page.focus('#moments');
    await page.keyboard.press('Escape');
    assert.match(await text('about'), /^long\.wav/);
  });

  it('has no fault that axe finds, fits a phone, and has a dark side', async () => {
    assert.deepEqual(await violations(), []);
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.deepEqual(await violations(), []);
    const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    assert.ok(
      background.match(/\d+/g)!.every((value) => Number(value) < 60),
      background,
    );
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await fitsAcross());
    assert.deepEqual(await violations(), []);
    await page.setViewportSize({ width: 1180, height: 900 });
  });

  it('says what is wrong with what is dropped, and goes on', async () => {
    const card = { name: 'MODEL_CARD.md', bytes: Buffer.from('# A card') };
    const wrong: [files: Parameters<typeof drop>[0], problem: RegExp][] = [
      [
        [{ name: 'talk.wav', bytes: Buffer.from('<!doctype html><html>') }],
        /^talk\.wav: .*a web page under a recording's name/,
      ],
      [[{ name: 'empty.wav', bytes: Buffer.alloc(0) }], /^empty\.wav: the file is empty/],
      [
        [{ name: 'cut.flac', bytes: readFileSync(CLIP).subarray(0, 3000).fill(0, 200) }],
        /^cut\.flac: .*cannot decode it/,
      ],
      [[card], /^Cannot load a model from the given files: there is no model\.json in it/],
      [
        [{ name: 'model.json', bytes: Buffer.from('{"a":') }],
        /^Cannot load the model in the given files: its model\.json is damaged/,
      ],
      [[{ name: 'model.json', bytes: Buffer.from('{}') }], /it was not saved by this project/],
      [[{ name: 'model.json', bytes: readFileSync(join(BUILT_IN_MODEL, 'model.json')) }], /weights-.*\.bin is missing/],
      [[], /There is no file in what was dropped/],
    ];
    for (const [files, problem] of wrong) {
      await page.evaluate(() => {
        document.getElementById('problem')!.textContent = '';
      });
      await drop(files);
      await page.waitForFunction(() => document.getElementById('problem')!.textContent !== '');
      assert.match(await text('problem'), problem);
    }
    const clip = readFileSync(CLIP);
    await drop([
      { name: 'a.flac', bytes: clip },
      { name: 'b.flac', bytes: clip },
    ]);
    await until('heard');
    assert.equal(await text('problem'), 'One recording is heard at a time: of 2, this is a.flac.');
    assert.equal(await text('about'), 'a.flac, 2 s');
  });

  it('takes the model of a run’s folder, or several that answer as one, hears the sound again, and goes back', async () => {
    const trainedOn = { corpus: 'test', protocol: 'speaker', seed: 4, network: 'original', clips: 3 };
    const saved = async (directory: string, seed: number) => {
      const shape = { bands: 128, frames: 87, classes: 3, seed };
      const network = originalNetwork(shape, { filters: [8, 4], denseUnits: [6] });
      await saveBundle(directory, network, {
        ...{ labels: ['anger', 'envy', 'sadness'], features: { name: 'mel', options: MEL_DEFAULTS }, input: 'picture' },
        ...{ frames: 87, normalisation: 'clip', answers: 'windows', versions: {}, trainedOn },
      });
      network.dispose();
      return directory;
    };
    const [run, both] = ['run', 'both'].map((name) => join(folder, name));
    const members = [await saved(join(run, 'model'), 4), await saved(join(folder, 'other'), 5)];
    saveEnsemble(join(both, 'model'), members, {
      ...{ members: ['first', 'second'], shares: [0.3, 0.7], temperature: 0.5, trainedOn },
    });
    // What else is in the folder of a run.
    mkdirSync(join(run, 'checkpoint'));
    for (const name of ['report.html', 'checkpoint/model.json']) writeFileSync(join(run, name), 'of no use here');
    for (const given of [both, run]) {
      await forget();
      await page.setInputFiles('#model-files', given);
      await until('heard');
      const other = await loadModel(given, { backend: 'wasm' });
      assertAlike(((await answers()) as WindowPrediction[])[0], await other.predict(await decodeFile(CLIP)));
      other.dispose();
    }
    assert.match(await text('model-facts'), /run.*anger, envy, sadness.*original.*3 clips of test/s);
    assert.equal(await page.locator('#probabilities li').count(), 3);
    await page.waitForFunction(() => document.querySelectorAll('#networks figure').length > 5);
    await forget();
    await page.click('#built-in');
    await until('heard');
    assert.equal(await page.locator('#probabilities li').count(), 7);
  });

  it('refuses to record where it may not, and says what helps', async () => {
    const cdp = await browser!.newBrowserCDPSession();
    const origin = new URL(served.url).origin;
    await cdp.send('Browser.setPermission', { permission: { name: 'microphone' }, setting: 'denied', origin });
    await page.click('#record');
    await page.waitForFunction(() => document.getElementById('problem')!.textContent !== '');
    assert.match(await text('problem'), /may not be used\. Allow it for this page/);
    assert.equal(await text('record-text'), 'Record');
    await cdp.send('Browser.resetPermissions');
    await cdp.detach();
    for (const [name, problem] of [
      ['NotFoundError', /There is no microphone/],
      ['NotReadableError', /in use by another program/],
    ] as const) {
      await page.evaluate((error) => {
        document.getElementById('problem')!.textContent = '';
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', error));
      }, name);
      await page.click('#record');
      await page.waitForFunction(() => document.getElementById('problem')!.textContent !== '');
      assert.match(await text('problem'), problem);
    }
  });

  it('opens without a network once it was loaded, and hears a microphone, also in the background', async () => {
    await page.waitForFunction(async () => {
      const names = await caches.keys();
      return (await navigator.serviceWorker.getRegistration())?.active && names.length === 2;
    });
    await served.stop();
    await page.close();
    await context.grantPermissions(['microphone']);
    page = await opened();
    await page.click('#record');
    await page.waitForFunction(() => replies.filter(({ kind }) => kind === 'answer').length >= 1, undefined, {
      timeout: 20_000,
    });
    assert.equal(await text('record-text'), 'Stop');
    assert.equal(await page.isDisabled('#choose'), true);
    // In the background no frame is drawn.
    await page.evaluate(() => {
      window.requestAnimationFrame = () => 0;
    });
    const before = (await answers()).length;
    await page.waitForFunction((count) => replies.filter(({ kind }) => kind === 'answer').length >= count, before + 3, {
      polling: 100,
    });
    await page.click('#record');
    await until('heard');
    const heard = (await page.evaluate(() => replies.find((reply) => reply.kind === 'heard')))!;
    const found = (await answers()) as WindowPrediction[];
    assert.ok(heard.kind === 'heard' && heard.seconds > 3, JSON.stringify(heard));
    // Nothing of what was spoken meanwhile is missing.
    const columns = await page.evaluate(() =>
      replies.reduce((sum, reply) => sum + (reply.kind === 'pictures' ? reply.waveform.length / 2 : 0), 0),
    );
    assert.ok(Math.abs(columns * 0.01 - heard.seconds) < 0.02, `${columns} columns of ${heard.seconds} s`);
    assert.equal(found.at(-1)!.endSeconds, heard.seconds);
    assert.ok(found.some((answer) => 'emotion' in answer));
  });

  it('has sent nothing anywhere, and no errors of its own', () => {
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(problems, []);
    assert.ok(served.asked.length > 5);
  });
});
