import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import type { Clip } from '../../src/corpora/clip.js';
import { collectFeatures } from '../../src/dataset/collect.js';
import { type Collection, labelsOf, normalisedDataset, picturesOf, vectorsOf } from '../../src/dataset/dataset.js';
import { arrayExamples, type Examples, gathered, subsetOf } from '../../src/dataset/examples.js';
import { cutFrames, speechOf } from '../../src/features/cut.js';
import { extractorFor, FEATURE_DEFAULTS } from '../../src/features/features.js';
import { bandMeans, bandStatistics, clipStatistics, normalisedInput } from '../../src/features/normalise.js';
import type { Spectrogram } from '../../src/features/spectrogram.js';
import { wav } from '../audio/wav.js';

const EMODB = join(__dirname, '../../data/emodb');
const [BANDS, FRAMES] = [3, 4];

const clip = (path: string, emotion = 'anger', speaker = 'a'): Clip => ({
  path,
  corpus: 'test',
  speaker,
  emotion,
  label: emotion,
  text: path,
});

/** Six clips of two speakers with 2 to 7 frames each. */
function collection(change: (i: number) => number = () => 0): Collection {
  const clips = Array.from({ length: 6 }, (_, i) => clip(`${i}`, i % 2 === 0 ? 'sadness' : 'anger', i < 3 ? 'a' : 'b'));
  const features = clips.map((_, i) => {
    const frames = Math.min(FRAMES, i + 2);
    const values = Float32Array.from({ length: BANDS * frames }, (_, k) => Math.sin(7 * i + k) * 10 + i + change(i));
    const matrix = { values, bands: BANDS, frames };
    return { matrix, statistics: clipStatistics(matrix), sampleRateHz: 16000, durationSeconds: 1 };
  });
  return { clips, features, skipped: [] };
}

const train = [0, 1, 3];
const labels = ['anger', 'sadness'];
const inputOf = (i: number, examples: Examples) => gathered(examples, [i])[0];

describe('dataset', () => {
  it('labelsOf() gives each class once, in alphabetical order', () => {
    assert.deepEqual(labelsOf([clip('1', 'sadness'), clip('2', 'anger'), clip('3', 'sadness')]), ['anger', 'sadness']);
  });

  it('vectorsOf() gives the input of each clip as a vector, one after the other', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    assert.deepEqual(vectorsOf(arrayExamples([{ values, shape: [3] }])), { values, size: 3 });
    assert.throws(() => vectorsOf(arrayExamples([{ values, shape: [3, 2] }])), {
      name: 'RangeError',
      message: 'Cannot show inputs as vectors: their shape must be (size), current value is (3, 2)',
    });
  });

  it('picturesOf() gives the input of each clip as a picture', () => {
    const examples = arrayExamples([{ values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 2] }]);
    const pictures = picturesOf(examples);
    assert.deepEqual(pictures[1], { values: Float32Array.of(5, 6, 7, 8), bands: 2, frames: 2 });
    assert.equal(pictures.length, 2);
    assert.throws(() => picturesOf(arrayExamples([{ values: new Float32Array(6), shape: [3] }])), {
      name: 'RangeError',
      message: /shape must be \(bands, frames\), current value is \(3\)/,
    });
  });

  it('normalisedDataset() normalises each clip by its own statistics with `clip`', () => {
    const all = collection();
    const { dataset, trainStatistics } = normalisedDataset(all, {
      normalisation: 'clip',
      frames: FRAMES,
      train,
      labels,
    });
    assert.equal(trainStatistics, undefined);
    const { write, writeAltered, ...facts } = dataset;
    assert.deepEqual(facts, { count: 6, shapes: [[BANDS, FRAMES]], targets: [1, 0, 1, 0, 1, 0], labels });
    for (const [i, { matrix, statistics }] of all.features.entries())
      assert.deepEqual(inputOf(i, dataset), normalisedInput(matrix, statistics, { frames: FRAMES }));
  });

  it('normalisedDataset() takes the statistics of training clips alone with `train`', () => {
    const options = { normalisation: 'train', frames: FRAMES, train, labels } as const;
    const all = collection();
    const { dataset, trainStatistics } = normalisedDataset(all, options);
    const expected = bandStatistics(train.map((i) => all.features[i].matrix));
    assert.deepEqual(trainStatistics, expected);
    for (const [i, { matrix }] of all.features.entries())
      assert.deepEqual(inputOf(i, dataset), normalisedInput(matrix, expected, { frames: FRAMES }));

    const changed = (which: number) =>
      normalisedDataset(
        collection((i) => (i === which ? 100 : 0)),
        options,
      );
    // Another test clip changes nothing but itself; another training clip changes all.
    const others = [0, 1, 2, 3, 4];
    const test = changed(5);
    assert.deepEqual(test.trainStatistics, trainStatistics);
    for (const i of others) assert.deepEqual(inputOf(i, test.dataset), inputOf(i, dataset));
    assert.notDeepEqual(inputOf(5, test.dataset), inputOf(5, dataset));
    assert.notDeepEqual(changed(3).trainStatistics, trainStatistics);
  });

  it("normalisedDataset() takes all clips of a clip's speaker with `speaker`, and no labels", () => {
    const options = { normalisation: 'speaker', frames: FRAMES, train, labels } as const;
    const all = collection();
    const { dataset, trainStatistics } = normalisedDataset(all, options);
    assert.equal(trainStatistics, undefined);
    for (const [i, { matrix }] of all.features.entries()) {
      const members = all.features.slice(i < 3 ? 0 : 3, i < 3 ? 3 : 6);
      const statistics = bandStatistics(members.map((member) => member.matrix));
      assert.deepEqual(inputOf(i, dataset), normalisedInput(matrix, statistics, { frames: FRAMES }));
    }
    const relabelled = { ...all, clips: all.clips.map((one) => ({ ...one, emotion: 'anger' })) };
    const { dataset: other } = normalisedDataset(relabelled, options);
    for (const i of all.clips.keys()) assert.deepEqual(inputOf(i, other), inputOf(i, dataset));
  });

  it('normalisedDataset() takes the mean of each band out of what is heard of a clip with `bands`', () => {
    const all = collection();
    const { dataset } = normalisedDataset(all, { normalisation: 'bands', input: 'speech', frames: 2, train, labels });
    for (const [i, { matrix }] of all.features.entries()) {
      const heard = speechOf(matrix);
      const [picture, mask] = gathered(dataset, [i]);
      assert.deepEqual(picture, normalisedInput(heard, bandMeans(heard), { frames: FRAMES }));
      assert.equal(mask.filter((one) => one === 1).length, heard.frames);
    }
  });

  it('normalisedDataset() writes altered features, normalised after they were altered', () => {
    const all = collection();
    const { matrix, statistics } = all.features[2];
    const louder = (features: Spectrogram) => ({ ...features, values: features.values.map((value) => value * 2 + 1) });
    const altered = (normalisation: 'clip' | 'bands') => {
      const { dataset } = normalisedDataset(all, { normalisation, frames: FRAMES, train, labels });
      const into = [new Float32Array(BANDS * FRAMES)];
      dataset.writeAltered(2, into, louder);
      assert.deepEqual(
        inputOf(2, dataset),
        inputOf(2, normalisedDataset(collection(), { normalisation, frames: FRAMES, train, labels }).dataset),
      );
      return into[0];
    };
    assert.deepEqual(altered('clip'), normalisedInput(louder(matrix), statistics, { frames: FRAMES }));
    assert.deepEqual(altered('bands'), normalisedInput(louder(matrix), bandMeans(louder(matrix)), { frames: FRAMES }));
  });

  it('normalisedDataset() gives every clip the frames of the longest one where the network takes whole clips', () => {
    const all = collection();
    const { dataset } = normalisedDataset(all, { normalisation: 'clip', input: 'clip', frames: 2, train, labels });
    assert.deepEqual(dataset.shapes, [[BANDS, FRAMES], [FRAMES]]);
    const { matrix, statistics } = all.features[1];
    assert.deepEqual(gathered(dataset, [1]), [
      normalisedInput(matrix, statistics, { frames: FRAMES }),
      Float32Array.of(1, 1, 1, 0),
    ]);
  });

  it('normalisedDataset() refuses an emotion that is no class', () => {
    const options = { normalisation: 'clip', frames: FRAMES, train, labels: ['anger'] } as const;
    assert.throws(() => normalisedDataset(collection(), options), {
      name: 'RangeError',
      message: /one of the classes anger, current value is sadness/,
    });
  });

  it('subsetOf() takes some clips, in the order asked for', () => {
    const { dataset } = normalisedDataset(collection(), { normalisation: 'clip', frames: FRAMES, train: [0], labels });
    const set = subsetOf(dataset, [4, 1]);
    assert.deepEqual(inputOf(0, set), inputOf(4, dataset));
    assert.deepEqual(inputOf(1, set), inputOf(1, dataset));
    assert.deepEqual(set.targets, [1, 0]);
    assert.deepEqual([set.count, set.shapes, set.labels], [2, [[BANDS, FRAMES]], labels]);
  });

  describe('collectFeatures()', () => {
    const root = mkdtempSync(join(tmpdir(), 'ser-'));
    after(() => rmSync(root, { recursive: true }));
    const good = readdirSync(EMODB)
      .sort()
      .slice(0, 9)
      .map((name) => clip(join(EMODB, name)));
    const bad = clip(join(root, 'bad.wav'));
    writeFileSync(bad.path, 'no recording');
    const options = { features: FEATURE_DEFAULTS, frames: 50, workers: 2 };

    it('keeps the usable clips in order, cropped, and tells how far it is', async () => {
      const told: string[] = [];
      const { clips, features, skipped } = await collectFeatures([...good.slice(0, 4), bad, ...good.slice(4)], {
        ...options,
        maxSkipped: 0.1,
        onProgress: (done, total) => told.push(`${done}/${total}`),
      });
      assert.deepEqual(clips, good);
      assert.deepEqual(
        told,
        Array.from({ length: 10 }, (_, i) => `${i + 1}/10`),
      );
      assert.equal(skipped.length, 1);
      assert.equal(skipped[0].clip, bad);
      assert.match(skipped[0].reason, /bad\.wav: not a recording/);
      const extract = extractorFor(FEATURE_DEFAULTS);
      for (const [i, { matrix, statistics }] of features.entries()) {
        const whole = extract(await decodeFile(good[i].path));
        assert.deepEqual(matrix, cutFrames(whole.matrix, 0, 50));
        assert.equal(matrix.frames, 50);
        assert.deepEqual(statistics, whole.statistics);
      }
    });

    it('keeps the frames from another place on, and leaves out what ends before that', async () => {
      const short = clip(join(root, 'short.wav'));
      writeFileSync(short.path, wav(Array.from({ length: 8000 }, (_, i) => Math.sin(i / 10) / 2)));
      const from = { frame: 22, seconds: 0.5 };
      const { clips, features, skipped } = await collectFeatures([good[0], short], {
        ...options,
        from,
        maxSkipped: 0.5,
      });
      assert.deepEqual(clips, [good[0]]);
      const whole = extractorFor(FEATURE_DEFAULTS)(await decodeFile(good[0].path));
      assert.deepEqual(features[0].matrix, cutFrames(whole.matrix, 22, 50));
      assert.deepEqual(
        skipped.map(({ reason }) => reason),
        [`${short.path}: too short: it ends before, or just after, 0.5 s`],
      );
    });

    it('holds the features of many clips in one block of memory', async () => {
      const { features } = await collectFeatures(good.slice(0, 3), { ...options, maxSkipped: 0 });
      assert.equal(new Set(features.map(({ matrix }) => matrix.values.buffer)).size, 1);
    });

    it('refuses one unusable clip more than allowed, and names a few', async () => {
      await assert.rejects(collectFeatures([...good, bad], { ...options, maxSkipped: 0.09 }), {
        name: 'InputError',
        message: /^1 of 10 clips are unusable, and at most 9 % may be \(`maxSkipped`\):\n {2}.*bad\.wav: not a rec/,
      });
      const many = Array.from({ length: 12 }, (_, i) => clip(join(root, `none ${i}.wav`)));
      await assert.rejects(collectFeatures(many, { ...options, maxSkipped: 0.9 }), {
        name: 'InputError',
        message: /^12 of 12 .*:\n {2}12 files: there is no such file\n {4}.*none 0\.wav\n[\s\S]*none 11\.wav$/,
      });
    });
  });
});
