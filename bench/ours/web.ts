import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { servedPage } from '../../scripts/web-page.js';
import { decodeFile } from '../../src/audio/decode-file.js';
import { joinRecordings } from '../../src/audio/join.js';
import { wavFile } from '../../src/audio/wav-file.js';
import { findChromium } from '../../tests/setup/chromium.js';

interface WebTask {
  /** Recordings that are spoken into the microphone, one after the other. */
  readonly paths: readonly string[];
  /** How long it is listened to. */
  readonly seconds: number;
}

/** The rate of most microphones. */
const RATE = 48000;

/**
 * The page in Chromium, with a microphone that is fed from recordings: milliseconds from the end of each window to its answer on the
 * page, and how long the page takes to be ready, at the first visit and at the second, when it has all of it.
 */
export default async function web({ paths, seconds }: WebTask): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'ser-'));
  const microphone = join(folder, 'microphone.wav');
  const clips = await Promise.all(paths.map((path) => decodeFile(path)));
  writeFileSync(microphone, wavFile(joinRecordings(clips, RATE).samples, RATE));
  const served = await servedPage();
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', `--use-file-for-fake-audio-capture=${microphone}`],
  });
  try {
    const context = await browser.newContext({ permissions: ['microphone'] });
    const page = await context.newPage();
    const ready = async () => {
      const begun = performance.now();
      await page.goto(served.url);
      await page.waitForSelector('#record:enabled', { timeout: 120_000 });
      return (performance.now() - begun) / 1000;
    };
    const first = await ready();
    await page.waitForFunction(async () => (await navigator.serviceWorker.getRegistration())?.active);
    const again = await ready();
    await page.evaluate(() => {
      const state = document.getElementById('state')!;
      const texts: string[] = [];
      Object.assign(window, { texts });
      new MutationObserver(() => texts.push(state.textContent!)).observe(state, { childList: true });
    });
    await page.click('#record');
    await page.waitForTimeout(1000 * seconds);
    await page.click('#record');
    const texts = await page.evaluate(() => (window as unknown as { texts: string[] }).texts);
    return { milliseconds: texts.flatMap((text) => Number(text.match(/after (\d+) ms/)?.[1] ?? [])), first, again };
  } finally {
    await browser.close();
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
