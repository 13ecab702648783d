import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Recording } from '../../src/audio/decode.js';
import { decodeFile } from '../../src/audio/decode-file.js';
import { InputError } from '../../src/common/errors.js';
import type { Corpus } from '../../src/corpora/clip.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { formatInspection, inspectCorpus, PROBLEM_KINDS } from '../../src/corpora/inspect.js';
import { wav } from '../audio/wav.js';
import { temporaryFolder, touch, write } from './folder.js';

/** Half a second at 16 kHz: a tone that no other number gives. */
const tone = (number: number, seconds = 0.5): number[] =>
  Array.from({ length: 16_000 * seconds }, (_, i) => 0.5 * Math.sin((0.1 + 0.01 * number) * i));

const recording = (samples: number[], sampleRateHz = 16_000): Recording => ({
  samples: Float32Array.from(samples),
  sampleRateHz,
  channels: 1,
  durationSeconds: samples.length / sampleRateHz,
});

/** A manifest's corpus of recordings that are only in memory, one of anna's per name. */
const corpusOf = (...paths: readonly string[]): Corpus => ({
  name: 'mine',
  root: 'mine.csv',
  clips: paths.map((path) => ({ path, corpus: 'mine', speaker: 'anna', emotion: 'anger', label: 'W', text: path })),
  misnamed: [],
  repeated: [],
});

const inspectRecordings = (recordings: Record<string, Recording>) =>
  inspectCorpus(corpusOf(...Object.keys(recordings)), { decode: async (path) => recordings[path] });

describe('problems of a corpus', () => {
  const folder = temporaryFolder();

  it('inspectCorpus() finds every kind of problem in a folder', async () => {
    const path = (name: string) => join(folder(), name);
    const usual = ['03a01Fa', '03a01Nc', '08a01Wa', '08a01Na', '09a01Nb'];
    for (const [i, name] of usual.entries()) write(path(`${name}.wav`), wav(tone(i)));
    write(path('09a01Wb.wav'), wav(tone(0)));
    write(path('10a01Aa.wav'), '');
    write(path('10a01Wa.wav'), 'not a recording');
    write(path('11a01Fc.wav'), wav(tone(6).map((value) => value / 1000)));
    write(path('11a01Nd.wav'), wav(tone(7).map((value) => Math.max(-1, Math.min(1, 4 * value)))));
    write(path('12a01Fb.wav'), wav(tone(8)).subarray(0, 9000));
    write(path('12a01Lb.wav'), wav(tone(9), { sampleRateHz: 44_100 }));
    write(path('13a01Ac.wav'), wav(tone(10, 2)));
    write(
      path('12a01Nb.wav'),
      wav(
        tone(11).flatMap((value) => [value, -value]),
        { channels: 2 },
      ),
    );
    touch(folder(), 'noise.wav', 'copy/03a01Fa.wav');

    const told: [number, number][] = [];
    const { problems, clips, counts, durationSeconds, sampleRatesHz } = await inspectCorpus(
      await loadCorpus(folder()),
      {
        decode: decodeFile,
        onProgress: (done, total) => told.push([done, total]),
      },
    );
    assert.equal(clips, 14);
    assert.deepEqual(counts.anger, { '08': 1, '09': 1, '10': 1 });
    assert.deepEqual(sampleRatesHz, { 16000: 11, 44100: 1 });
    assert.equal(durationSeconds?.median, 0.5);
    assert.equal(durationSeconds?.max, 2);
    assert.deepEqual(
      told,
      Array.from({ length: 14 }, (_, i) => [i + 1, 14]),
    );
    const promised = 8000;
    const there = (9000 - 44) / 2;
    const below = (path: string) => path.slice(folder().length + 1).replaceAll('\\', '/');
    const found = problems.map(({ kind, path, detail }) => [kind, below(path), detail]);
    const truncation = found.find(([kind]) => kind === 'truncated')?.[2] ?? '';
    assert.match(truncation, new RegExp(`${promised * 2}|${promised}`));
    assert.match(truncation, new RegExp(`${there * 2}|${there}`));
    const clipped = found.find(([kind]) => kind === 'clipped')?.[2] ?? '';
    assert.match(clipped, /^\d+ samples at full scale, 4 or more in a row$/);
    assert.deepEqual(found, [
      ['unreadable', '10a01Aa.wav', found[0][2]],
      ['unreadable', '10a01Wa.wav', found[1][2]],
      ['truncated', '12a01Fb.wav', truncation],
      ['silent', '11a01Fc.wav', 'no sample reaches -60 dB of full scale'],
      ['channels', '12a01Nb.wav', 'its 2 channels cancel each other out: channel 1 is taken instead of their mean'],
      [
        'duplicate',
        '09a01Wb.wav',
        `the same sound as ${path('03a01Fa.wav')}, which has emotion happiness and speaker 03`,
      ],
      ['missing', '', '521 of the 535 published clips are not there'],
      ['misnamed', 'noise.wav', 'does not follow the naming of emodb; left out'],
      ['repeated', 'copy/03a01Fa.wav', 'the same utterance as a clip that is kept; left out'],
      ['clipped', '11a01Nd.wav', clipped],
      ['sample rate', '12a01Lb.wav', '44100 Hz, most have 16000 Hz; it is resampled'],
      ['duration', '13a01Ac.wav', '2.00 s, the median is 0.50 s'],
    ]);
    // Every kind there is, but for emotions, of which a known corpus has none that are unknown.
    assert.deepEqual(
      [...new Set(problems.map(({ kind }) => kind))],
      PROBLEM_KINDS.filter((kind) => kind !== 'unknown emotion'),
    );
  });

  it('inspectCorpus() counts all samples of the runs at full scale', async () => {
    const samples = [1, 1, 1, 1, 1, 0, 1, 1, 1, 0, -1, -1, -1, -1];
    const { problems } = await inspectRecordings({ x: recording(samples) });
    assert.match(problems[0].detail, /^9 samples/);
  });

  it('inspectCorpus() compares sounds: samples and rate', async () => {
    const sound = tone(1);
    const { problems } = await inspectRecordings({
      a: recording(sound),
      b: recording(sound),
      c: recording(sound, 8000),
      d: recording(sound.slice(0, -1)),
    });
    const duplicates = problems.filter(({ kind }) => kind === 'duplicate');
    assert.deepEqual(duplicates, [{ kind: 'duplicate', path: 'b', detail: 'the same sound as a' }]);
  });

  it('inspectCorpus() does not call silence a duplicate', async () => {
    const silence = recording(new Array(100).fill(0));
    const { problems } = await inspectRecordings({ a: silence, b: silence });
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ['silent', 'silent'],
    );
  });

  it('inspectCorpus() keeps no recording while it reads the others', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const read: WeakRef<Float32Array>[] = [];
    const kept: number[] = [];
    await inspectCorpus(corpusOf('a', 'b', 'c', 'd'), {
      decode: async (path) => {
        // A weak reference is a strong one until the task in which it was made is over.
        await new Promise((resolve) => setImmediate(resolve));
        collectGarbage();
        kept.push(read.filter((reference) => reference.deref()).length);
        const one = recording(tone(path.charCodeAt(0)));
        read.push(new WeakRef(one.samples));
        return one;
      },
    });
    // The last one may still be in a register.
    assert.ok(Math.max(...kept) <= 1, `recordings kept: ${kept.join(', ')}`);
  });

  it('inspectCorpus() takes the mean of the middle two as the median', async () => {
    const { durationSeconds } = await inspectRecordings({ a: recording(tone(1, 1)), b: recording(tone(2, 2)) });
    assert.deepEqual(durationSeconds, { min: 1, median: 1.5, max: 2, total: 3 });
  });

  it('inspectCorpus() describes a corpus in which nothing can be read', async () => {
    const inspection = await inspectCorpus(corpusOf('a.wav'), {
      decode: async (path) => {
        throw new InputError(`${path}: damaged`);
      },
    });
    assert.deepEqual([inspection.durationSeconds, inspection.sampleRatesHz], [null, {}]);
    assert.deepEqual(inspection.problems, [{ kind: 'unreadable', path: 'a.wav', detail: 'damaged' }]);
    assert.match(formatInspection(inspection), /unreadable │ a\.wav │ damaged/);
  });

  it('formatInspection() says once what many recordings have, and names 20 lines of a kind and the number of the others', async () => {
    const problems = (['unreadable', 'repeated'] as const).flatMap((kind) =>
      Array.from({ length: 25 }, (_, i) => ({ kind, path: `${kind}${i}.wav`, detail: 'why' })),
    );
    problems.push({ kind: 'repeated', path: 'other.wav', detail: 'another' });
    const inspection = await inspectRecordings({ a: recording(tone(1)) });
    const text = formatInspection({ ...inspection, problems });
    for (const kind of ['unreadable', 'repeated']) {
      assert.match(text, new RegExp(`│ ${kind} +│ 25 recordings +│ why +│\\n│ +│ ${kind}0\\.wav +│ +│\\n`));
      assert.equal(text.match(new RegExp(`│ ${kind}\\d+\\.wav `, 'g'))?.length, 19);
    }
    assert.equal(text.match(/ why /g)?.length, 2);
    assert.match(text, /│ +│ … +│ and 6 more, see --json +│/);
    assert.match(text, /│ +│ … +│ and 7 more, see --json +│/);
    assert.match(text, /51 problems: 25 unreadable, 26 repeated$/);
  });
});
