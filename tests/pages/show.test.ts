import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/common/errors.js';
import { play, show, showLine, showLive, showTable } from '../../src/pages/show.js';
import { classBalanceFigure } from '../../src/plots/figures.js';

const FIGURE = classBalanceFigure({ all: [{ emotion: 'anger' }] }, 'Clips, per emotion');

/** What is printed while `action` runs. */
async function printed(action: () => unknown): Promise<string> {
  const { log } = console;
  let text = '';
  console.log = (line: string) => {
    text += `${line}\n`;
  };
  try {
    await action();
  } finally {
    console.log = log;
  }
  return text;
}

// What these do in a notebook is tested in tests/notebooks.
describe('outside a notebook', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(folder, { recursive: true }));

  it('show() writes a page, or a picture, and says where', async () => {
    const page = join(folder, 'figure.html');
    assert.equal(await printed(() => show(FIGURE, { file: page })), `Written to ${page}\n`);
    assert.match(readFileSync(page, 'utf8'), /<title>Clips, per emotion</);
    const picture = join(folder, 'figure.png');
    await printed(() => show(FIGURE, { as: 'picture', file: picture }));
    assert.equal(readFileSync(picture).toString('latin1', 1, 4), 'PNG');
  });

  it('show() names the file after the title', async () => {
    const text = await printed(() => show(FIGURE));
    const path = join(tmpdir(), 'speech-emotion', 'clips-per-emotion.html');
    assert.equal(text, `Written to ${path}\n`);
    assert.ok(existsSync(path));
  });

  it('showTable() and play() write pages', async () => {
    assert.match(await printed(() => showTable([{ a: 1 }])), /table\.html/);
    const text = await printed(() => play({ samples: new Float32Array(8000), sampleRateHz: 16_000 }));
    assert.match(readFileSync(text.replace('Written to ', '').trim(), 'utf8'), /<figcaption>0\.50 s<.*<audio controls/);
  });

  it('play() refuses a file that is not there', () => {
    assert.throws(
      () => play(join(folder, 'none.wav')),
      (error) => error instanceof InputError && /Cannot play .*none\.wav: there is no such file/.test(error.message),
    );
  });

  it('showLine() prints line after line', async () => {
    const show = showLine();
    assert.equal(await printed(() => ['one', 'two'].forEach(show)), 'one\ntwo\n');
  });

  it('showLive() refuses', () => {
    assert.throws(() => showLive(), InputError);
  });
});
