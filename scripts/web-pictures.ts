/** `npm run web:pictures`: draws docs/page.png, the page on a wide screen and, in the dark, on a phone. Needs Chromium. */
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import upng from 'upng-js';
import { decodeFile } from '../src/audio/decode-file.js';
import { joinRecordings } from '../src/audio/join.js';
import { wavFile } from '../src/audio/wav-file.js';
import { InputError } from '../src/common/errors.js';
import { writeFile } from '../src/common/files.js';
import { findChromium } from '../tests/setup/chromium.js';
import { servedPage } from './web-page.js';

const ROOT = join(__dirname, '..');

/** One actor, in turn neutral, happy, sad, angry and bored. */
const CLIPS = ['08a05Nb', '08a07Fd', '08b09Tb', '08a01Wa', '08b02La'];

const WIDE = { viewport: { width: 1120, height: 790 } };
const PHONE = { viewport: { width: 360, height: 760 }, colorScheme: 'dark' } as const;

/** Enough for what is drawn, in a third of the bytes. */
const COLOURS = 128;

/** The page that has heard a recording, as a data URL. */
async function picture(browser: Browser, url: string, options: BrowserContextOptions, sound: Buffer): Promise<string> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector('#record:enabled');
  await page.setInputFiles('#file', { name: 'five moods.wav', mimeType: 'audio/wav', buffer: sound });
  await page.waitForFunction(() => document.getElementById('about')!.textContent!.startsWith('five moods.wav, '));
  await page.focus('#moments');
  for (let window = 0; window < 7; window++) await page.keyboard.press('ArrowRight');
  // Without the mark of what the keyboard is on, and from the top.
  await page.evaluate(() => {
    (document.activeElement as HTMLElement).blur();
    scrollTo(0, 0);
  });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  const shot = await page.screenshot();
  await context.close();
  return `data:image/png;base64,${shot.toString('base64')}`;
}

async function main(): Promise<void> {
  const executablePath = findChromium();
  if (!executablePath) throw new InputError('Cannot draw the page: there is no Chromium or Chrome on the search path');
  const clips = await Promise.all(CLIPS.map((name) => decodeFile(join(ROOT, `data/emodb/${name}.flac`))));
  const joined = joinRecordings(clips);
  const sound = Buffer.from(wavFile(joined.samples, joined.sampleRateHz));
  const served = await servedPage();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const wide = await picture(browser, served.url, WIDE, sound);
    const phone = await picture(browser, served.url, PHONE, sound);
    const page = await browser.newPage({ viewport: { width: 1560, height: 850 } });
    await page.setContent(`<style>
      body { margin: 0; display: flex; gap: 28px; justify-content: center; align-items: center; height: 100vh; background: #e4e8ee }
      img { border-radius: 14px; box-shadow: 0 4px 18px rgb(20 30 50 / 18%) } img + img { border-radius: 26px }
      </style><img src="${wide}"><img src="${phone}">`);
    const shot = upng.decode(new Uint8Array(await page.screenshot()).buffer);
    const pixels = upng.toRGBA8(shot);
    writeFile(join(ROOT, 'docs/page.png'), Buffer.from(upng.encode(pixels, shot.width, shot.height, COLOURS)));
  } finally {
    await browser.close();
    await served.close();
  }
}

main().catch((error) => {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
