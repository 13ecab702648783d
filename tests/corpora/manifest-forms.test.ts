import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { readManifest } from '../../src/corpora/manifest.js';
import { temporaryFolder, touch, write } from './folder.js';

describe('the forms of a manifest', () => {
  const folder = temporaryFolder();

  /** Writes `mine.csv` beside recordings `a.wav` and `b.wav`. */
  const manifest = (content: string): string => {
    touch(folder(), 'a.wav', 'b.wav');
    write(join(folder(), 'mine.csv'), content);
    return join(folder(), 'mine.csv');
  };

  it('readManifest() names the corpus after the file, and keeps words for emotions that it does not know', () => {
    const { name, clips, misnamed, repeated } = readManifest(manifest('path,emotion,speaker\na.wav,Contempt,x\n'));
    assert.deepEqual([name, misnamed, repeated], ['mine', [], []]);
    assert.deepEqual([clips[0].corpus, clips[0].emotion, clips[0].label], ['mine', 'contempt', 'Contempt']);
  });

  it('loadCorpus() takes .CSV for a manifest too', async () => {
    touch(folder(), 'a.wav');
    write(join(folder(), 'MINE.CSV'), 'path,emotion,speaker\na.wav,ps,anna\n');
    assert.equal((await loadCorpus(join(folder(), 'MINE.CSV'))).clips[0].emotion, 'surprise');
  });

  for (const [name, separator] of [
    ['semicolons', ';'],
    ['tabs', '\t'],
  ])
    it(`readManifest() takes ${name} between the values`, () => {
      const text = 'path,emotion,speaker\na.wav,sad,anna\nb.wav,sad,ben\n'.replaceAll(',', separator);
      const { clips } = readManifest(manifest(text));
      assert.deepEqual(
        clips.map((clip) => [basename(clip.path), clip.emotion, clip.speaker]),
        [
          ['a.wav', 'sadness', 'anna'],
          ['b.wav', 'sadness', 'ben'],
        ],
      );
    });

  it('readManifest() finds names with spaces, a leading dash and umlauts in either form', () => {
    const written = ['my clip.wav', '-v.wav', 'Wörter.wav'.normalize('NFD'), 'Grüße.wav'.normalize('NFC')];
    const inFolder = ['my clip.wav', '-v.wav', 'Wörter.wav'.normalize('NFC'), 'Grüße.wav'.normalize('NFD')];
    for (const name of inFolder) write(join(folder(), name), name.normalize('NFC'));
    const rows = written.map((name) => `${name},sad,anna\n`).join('');
    const read = readManifest(manifest(`path,emotion,speaker\n${rows}`)).clips;
    assert.deepEqual(
      read.map((clip) => readFileSync(clip.path, 'utf8')).sort(),
      inFolder.map((name) => name.normalize('NFC')).sort(),
    );
  });

  it('readManifest() says the line of a path that goes through a file', () => {
    const path = manifest('path,emotion,speaker\na.wav,sad,x\nb.wav/c.wav,sad,x\n');
    assert.throws(() => readManifest(path), {
      name: 'InputError',
      message: `${path}:\n  line 3: no such file: ${join(folder(), 'b.wav/c.wav')}`,
    });
  });
});
