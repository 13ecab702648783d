import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsv } from '../../src/common/csv.js';
import type { Clip } from '../../src/corpora/clip.js';
import { PROTOCOLS, type Protocol, splitClips } from '../../src/dataset/splits.js';
import { readClips, writeClips } from '../../src/run/clips-file.js';
import { RUN_DEFAULTS } from '../../src/run/config.js';
import type { Prepared } from '../../src/run/prepare.js';

/** Five speakers say five texts in two emotions; some clips say more of themselves than others. */
const clips: readonly Clip[] = Array.from({ length: 50 }, (_, i) => ({
  path: `${String(i).padStart(2, '0')}, "ä".wav`,
  corpus: 'test',
  speaker: `s${Math.floor(i / 10)}`,
  emotion: ['anger', 'fear'][i % 2],
  label: ['A', 'F'][i % 2],
  text: `t${Math.floor(i / 2) % 5}`,
  ...(i % 3 < 2 && { sex: (['female', 'male'] as const)[i % 3] }),
  ...(i % 4 === 0 && { intensity: 'strong' }),
}));
const unusable: Clip = { ...clips[0], path: 'silent.wav' };

function prepared(protocol: Protocol = 'speaker'): Prepared {
  const config = { ...RUN_DEFAULTS, protocol, seed: 3, data: 'the corpus' };
  return {
    config,
    clips,
    recordings: clips.map((_, i) => ({ durationSeconds: i / 4, sampleRateHz: 16000 })),
    skipped: [{ clip: unusable, reason: 'silent.wav: silent' }],
    leftOut: [{ path: 'noise.wav', reason: 'does not follow the naming of test' }],
    split: splitClips(clips, config),
  } as Partial<Prepared> as Prepared;
}

describe("a run's clips", () => {
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  const path = join(directory, 'clips.csv');
  beforeEach(() => writeClips(path, prepared(), false));
  after(() => rmSync(directory, { recursive: true }));

  it('writeClips() writes a row for each clip, after them the unusable ones and what is no clip, with the reason', () => {
    const rows = readCsv(path);
    assert.equal(rows.length, 52);
    const { split } = prepared();
    const set = split.train.includes(12) ? 'train' : split.validation.includes(12) ? 'validation' : 'test';
    const common = { corpus: 'test', emotion: 'anger', label: 'A', sex: 'female', intensity: 'strong' };
    assert.deepEqual(rows[12], {
      ...{ ...common, path: '12, "ä".wav', speaker: 's1', text: 't1' },
      ...{ durationSeconds: '3', sampleRateHz: '16000', set, problem: '' },
    });
    assert.deepEqual(rows[50], {
      ...{ ...common, path: 'silent.wav', speaker: 's0', text: 't0' },
      ...{ durationSeconds: '', sampleRateHz: '', set: 'skipped', problem: 'silent.wav: silent' },
    });
    const nothing = ['corpus', 'emotion', 'label', 'sex', 'intensity', 'speaker', 'text'].map((key) => [key, '']);
    assert.deepEqual(rows[51], {
      ...{ ...Object.fromEntries(nothing), path: 'noise.wav' },
      ...{ durationSeconds: '', sampleRateHz: '', set: 'left out', problem: 'does not follow the naming of test' },
    });
  });

  for (const protocol of PROTOCOLS)
    it(`readClips() gives back clips, split and unusable clips with ${protocol}`, () => {
      writeClips(path, prepared(protocol), false);
      const { split } = prepared(protocol);
      assert.deepEqual(readClips(path, { protocol, seed: 3 }), { clips, split, skipped: [unusable] });
    });

  it('writeClips() takes other clips until training has begun, and then the same ones alone', () => {
    const others = { ...prepared(), skipped: [] };
    writeClips(path, prepared(), true);
    const before = readFileSync(path, 'utf8');
    assert.throws(() => writeClips(path, others, true), {
      name: 'InputError',
      message: `Cannot resume: the recordings in the corpus are no longer those in ${path}; put them back, or start a new run`,
    });
    assert.equal(readFileSync(path, 'utf8'), before);
    writeClips(path, others, false);
    assert.equal(readCsv(path).length, 51);
    rmSync(path);
    writeClips(path, others, true);
    assert.equal(readCsv(path).length, 51);
  });

  it('readClips() refuses sets that are none, or not those of a split', () => {
    const text = readFileSync(path, 'utf8');
    const refused: [content: string, message: RegExp][] = [
      [text.replaceAll(',train,', ',trained,'), /clips\.csv is damaged: .*set/],
      [text.replaceAll(',female,', ',woman,'), /clips\.csv is damaged: .*sex/],
      [text.replaceAll(',test,', ',train,'), /its sets are not those of a split: .*the test set is empty/],
      [text.replace(',train,', ',test,'), /its sets are not those of a split: .*speaker s\d is on two sides/],
    ];
    for (const [content, message] of refused) {
      assert.notEqual(content, text);
      writeFileSync(path, content);
      assert.throws(() => readClips(path, { protocol: 'speaker', seed: 3 }), { name: 'InputError', message });
    }
    assert.throws(() => readClips(join(directory, 'none.csv'), { protocol: 'speaker', seed: 3 }), {
      name: 'InputError',
      message: /none\.csv is missing/,
    });
  });
});
