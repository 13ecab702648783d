import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/common/errors.js';
import type { Clip } from '../../src/corpora/clip.js';
import { loadCorpus } from '../../src/corpora/corpora.js';

describe('readManifest()', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
    for (const name of ['a.wav', 'b.wav', 'with, comma.wav']) writeFileSync(join(root, name), '');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** The clips of a manifest with this content. */
  async function read(content: string | Uint8Array): Promise<readonly Clip[]> {
    const path = join(root, 'mine.csv');
    writeFileSync(path, content);
    return (await loadCorpus(path)).clips;
  }

  /** The lines of the error about a manifest, without the path. */
  async function mistakes(content: string | Uint8Array): Promise<string> {
    let message = '';
    await assert.rejects(read(content), (error: Error) => {
      assert.ok(error instanceof InputError);
      ({ message } = error);
      return true;
    });
    assert.ok(message.startsWith(join(root, 'mine.csv')), message);
    return message.replaceAll(root, '.').replace(/^\.[\\/]mine\.csv:?\s*/, '');
  }

  it('reads the sex where it is female or male, and takes anything else for unknown', async () => {
    const rows = 'path,emotion,speaker,sex\na.wav,sad,anna,F\nb.wav,sad,ben,male\n"with, comma.wav",sad,kim,?\n';
    const clips = await read(rows);
    assert.deepEqual(
      clips.map((clip) => clip.sex),
      ['female', 'male', undefined],
    );
    assert.ok(!('sex' in clips[2]));
  });

  it('reads path, emotion, speaker and text', async () => {
    assert.deepEqual(await read('path,emotion,speaker,text\na.wav,Angry,anna,Hello\n'), [
      { path: join(root, 'a.wav'), corpus: 'mine', speaker: 'anna', emotion: 'anger', label: 'Angry', text: 'Hello' },
    ]);
  });

  it('reads a byte order mark, CRLF, quoted commas and line breaks, blank lines, other orders and columns', async () => {
    const clips = await read(
      '\uFEFF Speaker ,TEXT,path,note,emotion\r\nanna,"well,\r\nwell",b.wav,x, sad \r\n\r\nben,,"with, comma.wav",,joy\r\n',
    );
    assert.deepEqual(
      clips.map(({ path, speaker, emotion, text }) => [path.slice(root.length + 1), speaker, emotion, text]),
      [
        ['b.wav', 'anna', 'sadness', 'well,\r\nwell'],
        ['with, comma.wav', 'ben', 'happiness', 'with, comma.wav'],
      ],
    );
  });

  it('takes absolute paths, and those relative to its folder', async () => {
    const clips = await read(`path,emotion,speaker\n${join(root, 'b.wav')},sad,x\n./a.wav,sad,x\n`);
    assert.deepEqual(
      clips.map((clip) => clip.path),
      [join(root, 'a.wav'), join(root, 'b.wav')],
    );
  });

  it('finds umlauts whichever way they are written', async () => {
    writeFileSync(join(root, 'ä.wav'.normalize('NFD')), '');
    assert.equal((await read(`path,emotion,speaker\n${'ä.wav'.normalize('NFC')},sad,x\n`)).length, 1);
  });

  it('counts every recording as a text of its own where there is none', async () => {
    const clips = await read('path,emotion,speaker\na.wav,sad,x\nb.wav,sad,x\n');
    assert.equal(new Set(clips.map((clip) => clip.text)).size, 2);
  });

  it('names the lines of all mistakes', async () => {
    mkdirSync(join(root, 'folder.wav'));
    const text = await mistakes(
      [
        'path,emotion,speaker,text',
        'a.wav,sad,x,"two',
        'lines"',
        '',
        'b.wav,,x,',
        ',sad,x,',
        'b.wav,sad,,',
        'c.wav,sad,x,',
        './a.wav,sad,x,',
        'folder.wav,sad,x,',
        'with, comma.wav,sad,x,hello',
      ].join('\n'),
    );
    assert.doesNotMatch(text, /line 5:/);
    assert.match(text, /line 6: path is empty/);
    assert.match(text, /line 7: speaker is empty/);
    assert.match(text, /line 8: no such file: \.[\\/]c\.wav/);
    assert.match(text, /line 9: \.\/a\.wav is listed twice, first in line 2/);
    assert.match(text, /line 10: /);
    assert.match(text, /line 11: 5 values for 4 columns/);
  });

  it('names ten mistakes and counts the others', async () => {
    const text = await mistakes(`path,emotion,speaker\n${'a.wav,sad,x\n'.repeat(16)}`);
    assert.equal(text.match(/^ *line/gm)?.length, 10);
    assert.match(text, /… and \d+ more$/);
  });

  it('names a missing column and the ones that are there', async () => {
    assert.match(
      await mistakes('recording,emotion\na.wav,sad\n'),
      /^expected the columns path,emotion,speaker\[,text\], and path \(or file, filename, .*\) is missing; the first line has: recording, emotion$/,
    );
    assert.match(await mistakes(''), /and path \(or .*\) and emotion \(or emotions, label, .*\) is missing/);
  });

  it('says that there are no recordings in it', async () => {
    assert.match(await mistakes('path,emotion,speaker\n\n'), /no recordings/);
  });

  it('says that a quotation mark is left open', async () => {
    assert.match(await mistakes('path,emotion,speaker\na.wav,"sad,x\nb.wav,sad,x\n'), /line 2: .*quot/i);
  });

  it('says that it is neither UTF-8 nor UTF-16', async () => {
    assert.match(await mistakes(Buffer.from('path,emotion,speaker\nä.wav,sad,x\n', 'latin1')), /UTF-8/);
    // Half a character at the end.
    assert.match(await mistakes(Buffer.from('\uFEFFpath,emotion,speaker\n', 'utf16le').subarray(0, -1)), /UTF-8/);
  });
});
