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

  it('readManifest() takes tabs between the values of a .tsv, however many commas are in them', async () => {
    touch(folder(), 'a.wav');
    write(join(folder(), 'mine.tsv'), 'path\temotion\ttext\na.wav\tsad\tWell, well, well, well\n');
    const [{ text }] = (await loadCorpus(join(folder(), 'mine.tsv'))).clips;
    assert.equal(text, 'Well, well, well, well');
  });

  for (const line of ['sep=;', '"sep=;"\r', 'SEP=; '])
    it(`readManifest() takes the separator from a first line ${JSON.stringify(line)}, and counts the line`, () => {
      const { clips } = readManifest(manifest(`${line}\npath;emotion;speaker\na.wav;sad;"a,b,c,d"\n`));
      assert.equal(clips[0].speaker, 'a,b,c,d');
      assert.throws(() => readManifest(manifest(`${line}\npath;emotion\nx.wav;sad\n`)), { message: /line 3: no such/ });
    });

  for (const [encoding, bytes] of [
    ['little', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['big', (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
  ] as const)
    it(`readManifest() reads UTF-16, ${encoding} end first, as spreadsheets save "Unicode text"`, () => {
      touch(folder(), 'ä.wav');
      write(join(folder(), 'mine.csv'), bytes('path\temotion\tspeaker\nä.wav\tsad\tJürgen\n'));
      const [clip] = readManifest(join(folder(), 'mine.csv')).clips;
      assert.deepEqual([basename(clip.path), clip.emotion, clip.speaker], ['ä.wav', 'sadness', 'Jürgen']);
    });

  for (const path of ['file', 'filename', 'file_name', 'Path', 'AUDIO', 'filepath'])
    for (const [emotion, speaker] of [
      ['label', 'speaker_id'],
      ['Emotions', 'Actor'],
      ['emotion', 'spk'],
    ])
      it(`readManifest() takes the columns ${path}, ${emotion}, ${speaker}`, () => {
        const [clip] = readManifest(manifest(`${emotion},gender,${path},${speaker}\nsad,f,a.wav,anna\n`)).clips;
        assert.deepEqual(
          [basename(clip.path), clip.emotion, clip.speaker, clip.sex],
          ['a.wav', 'sadness', 'anna', 'female'],
        );
      });

  it('readManifest() prefers the usual name where two columns could be meant', () => {
    const [clip] = readManifest(manifest('label,emotion,file,path,speaker\n1,sad,b.wav,a.wav,anna\n')).clips;
    assert.deepEqual([basename(clip.path), clip.label], ['a.wav', 'sad']);
  });

  it('readManifest() finds recordings in folders with backslashes between them', () => {
    touch(folder(), 'x/y/c.wav');
    const [clip] = readManifest(manifest('path,emotion,speaker\nx\\y\\c.wav,sad,anna\n')).clips;
    assert.equal(clip.path, join(folder(), 'x', 'y', 'c.wav'));
  });

  for (const content of ['path,emotion\na.wav,sad\n', 'path,emotion,speaker\na.wav,sad,\nb.wav,sad,NaN\n'])
    it(`readManifest() takes speakers for unknown where none is named: ${JSON.stringify(content)}`, () => {
      for (const { speaker } of readManifest(manifest(content)).clips) assert.equal(speaker, '');
    });

  it('readManifest() refuses speakers that are named for some recordings only', () => {
    assert.throws(() => readManifest(manifest('path,emotion,speaker\na.wav,sad,anna\nb.wav,sad,nan\n')), {
      message: /line 3: speaker is empty; name the speakers of all recordings, or of none$/,
    });
  });

  it('readManifest() leaves out recordings without an emotion, and names them', () => {
    touch(folder(), 'c.wav', 'd.wav', 'e.wav');
    const rows = ['a.wav,sad', 'b.wav,', 'c.wav,NaN', 'd.wav,n/a', 'e.wav,?'].map((row) => `${row}\n`).join('');
    const { clips, unwanted } = readManifest(manifest(`path,emotion\n${rows}`));
    assert.equal(clips.length, 1);
    assert.deepEqual(
      unwanted,
      [
        ['b', 'nothing'],
        ['c', 'NaN'],
        ['d', 'n/a'],
        ['e', '?'],
      ].map(([name, said]) => ({
        path: join(folder(), `${name}.wav`),
        reason: `the manifest says ${said} for its emotion`,
      })),
    );
    assert.throws(() => readManifest(manifest('path,emotion\na.wav,nan\n')), {
      name: 'InputError',
      message: /none of its 1 recordings has an emotion in the column emotion$/,
    });
  });

  /** What the lines of a manifest with these columns mean. */
  const segments = (columns: string, ...rows: readonly string[]) =>
    readManifest(manifest(`file,emotion,${columns}\n${rows.map((row) => `a.wav,sad,${row}\n`).join('')}`)).clips.map(
      ({ segment, text }) => [segment?.startSeconds, segment?.endSeconds, text],
    );

  it('readManifest() takes segments by start and end, as seconds and as audformat writes them', () => {
    assert.deepEqual(
      segments('start,end', '0 days 00:00:01.500000,0 days 00:00:03', '0,1.5', '4.5,NaT', '3,4.25', '0 days,NaT'),
      [
        [0, 1.5, 'a.wav [0 s to 1.5 s]'],
        [undefined, undefined, 'a.wav'],
        [1.5, 3, 'a.wav [1.5 s to 3 s]'],
        [3, 4.25, 'a.wav [3 s to 4.25 s]'],
        [4.5, undefined, 'a.wav [4.5 s to the end]'],
      ],
    );
  });

  it('readManifest() takes segments by start and duration, and an end before a duration', () => {
    assert.deepEqual(segments('start,duration', '1,0.5'), [[1, 1.5, 'a.wav [1 s to 1.5 s]']]);
    assert.deepEqual(segments('start,end,duration', '1,2,9', '2,,1'), [
      [1, 2, 'a.wav [1 s to 2 s]'],
      [2, 3, 'a.wav [2 s to 3 s]'],
    ]);
    assert.deepEqual(segments('end', '2'), [[0, 2, 'a.wav [0 s to 2 s]']]);
  });

  it('readManifest() takes a duration alone for how long the recording is', () => {
    assert.deepEqual(segments('duration', '1.5'), [[undefined, undefined, 'a.wav']]);
  });

  it('readManifest() names times that are none, and segments that are empty', () => {
    assert.throws(() => segments('start,end', '-1,2', '2,2', '3,soon'), {
      name: 'InputError',
      message: new RegExp(
        [
          'line 2: start is no time: -1; expected seconds, or 0 days 00:00:01\\.5',
          'line 3: the segment from 2 s to 2 s is empty',
          'line 4: end is no time: soon; .*',
        ].join('\n  '),
      ),
    });
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
