import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { readCsv, writeCsv } from '../../src/common/csv.js';
import type { Clip } from '../../src/corpora/clip.js';
import { PROTOCOLS, type Protocol, splitClips } from '../../src/dataset/splits.js';
import { CHECKSUMS_FILE } from '../../src/run/checksums.js';
import { readClips, writeClips } from '../../src/run/clips-file.js';
import { RUN_DEFAULTS, writeConfig } from '../../src/run/config.js';
import { RUN_FILES } from '../../src/run/folder.js';
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
    recordings: clips.map((_, i) => ({ durationSeconds: i / 4, sampleRateHz: 16000, sha256: `hash ${i}` })),
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
      ...{ durationSeconds: '3', sampleRateHz: '16000', sha256: 'hash 12', set, problem: '' },
    });
    assert.deepEqual(rows[50], {
      ...{ ...common, path: 'silent.wav', speaker: 's0', text: 't0' },
      ...{ durationSeconds: '', sampleRateHz: '', sha256: '', set: 'skipped', problem: 'silent.wav: silent' },
    });
    const nothing = ['corpus', 'emotion', 'label', 'sex', 'intensity', 'speaker', 'text'].map((key) => [key, '']);
    assert.deepEqual(rows[51], {
      ...{ ...Object.fromEntries(nothing), path: 'noise.wav' },
      ...{ durationSeconds: '', sampleRateHz: '', sha256: '', set: 'left out' },
      ...{ problem: 'does not follow the naming of test' },
    });
  });

  for (const protocol of PROTOCOLS)
    it(`readClips() gives back clips, split and unusable clips with ${protocol}`, () => {
      writeClips(path, prepared(protocol), false);
      const { split } = prepared(protocol);
      const sha256 = clips.map((_, i) => `hash ${i}`);
      assert.deepEqual(readClips(path, { protocol, seed: 3 }), { clips, split, sha256, skipped: [unusable] });
    });

  it('readClips() takes a file of an earlier version, which has no hashes', () => {
    writeCsv(
      path,
      readCsv(path).map(({ sha256, ...row }) => row),
    );
    assert.deepEqual(
      readClips(path, { protocol: 'speaker', seed: 3 }).sha256,
      clips.map(() => undefined),
    );
  });

  it('writeClips() keeps paths as they were where the run was begun, readClips() gives them from where one is', () => {
    const config = join(directory, RUN_FILES.config);
    writeConfig(config, RUN_DEFAULTS);
    writeClips(path, prepared(), false);
    const before = readFileSync(path, 'utf8');
    const start = process.cwd();
    process.chdir(directory);
    try {
      const found = readClips(path, { protocol: 'speaker', seed: 3 });
      assert.deepEqual(
        found.clips.map((clip) => resolve(clip.path)),
        clips.map((clip) => resolve(start, clip.path)),
      );
      const [{ clip, reason }] = prepared().skipped;
      const [moved] = found.skipped;
      const skipped = [{ clip: moved, reason: reason.replace(clip.path, moved.path) }];
      const leftOut = prepared().leftOut!.map((each) => ({
        ...each,
        path: relative(directory, resolve(start, each.path)),
      }));
      writeClips(path, { ...prepared(), clips: found.clips, skipped, leftOut }, true);
    } finally {
      process.chdir(start);
      rmSync(config);
      rmSync(join(directory, CHECKSUMS_FILE));
    }
    assert.equal(readFileSync(path, 'utf8'), before);
  });

  it('writeClips() notices a recording with another content once training has begun', () => {
    const { recordings } = prepared();
    const changed = { ...prepared(), recordings: recordings.with(7, { ...recordings[7], sha256: 'another' }) };
    assert.throws(() => writeClips(path, changed, true), { name: 'InputError', message: /are no longer those in/ });
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
