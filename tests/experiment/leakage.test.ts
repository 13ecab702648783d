import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvText } from '../../src/common/csv.js';
import { writeFile } from '../../src/common/files.js';
import { seededRandom } from '../../src/common/random.js';
import type { Clip } from '../../src/corpora/clip.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { emodb } from '../../src/corpora/emodb.js';
import type { Split } from '../../src/dataset/splits.js';
import { expand } from '../../src/experiment/cells.js';
import type { Plan } from '../../src/experiment/plan.js';
import { configFor, type RunConfig } from '../../src/run/config.js';
import { foldConfigs } from '../../src/run/folds.js';
import { splitFor } from '../../src/run/prepare.js';
import { run } from '../../src/run/run.js';
import { BACKEND, EMODB, smallCorpus } from '../cli/ser.js';
import { manifest } from './corpora.js';

describe('leakage', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));

  /** What is on both sides of a split by this property of a clip. */
  function shared(clips: readonly Clip[], { train, validation, test }: Split, of: (clip: Clip) => string): string[] {
    const learnt = new Set([...train, ...validation].map((i) => of(clips[i])));
    return test.map((i) => of(clips[i])).filter((value) => learnt.has(value));
  }

  const content = ({ path }: Clip) => readFileSync(path, 'utf8');
  const kinds: { protocol: 'speaker' | 'text'; folds?: 'each' | number }[] = [
    { protocol: 'speaker', folds: 'each' },
    { protocol: 'speaker', folds: 2 },
    { protocol: 'text', folds: 'each' },
    { protocol: 'text', folds: 3 },
    { protocol: 'speaker' },
    { protocol: 'text' },
  ];

  for (const kind of kinds)
    it(`no clip, copy, or ${kind.protocol} is on both sides: ${JSON.stringify(kind)}`, async () => {
      const random = seededRandom(7);
      for (let trial = 0; trial < 8; trial++) {
        const names = (first: string, least: number) =>
          Array.from({ length: least + Math.floor(5 * random()) }, (_, i) => `${first}${i}`);
        // Copies are of one speaker and text, and so always on one side.
        const data = manifest(join(root, `${kind.protocol}-${JSON.stringify(kind.folds)}-${trial}/all.csv`), {
          ...{
            speakers: names('s', 3),
            texts: names('t', 4),
            emotions: ['anger', 'fear'],
            takes: 2,
            copies: trial % 2 > 0,
          },
        });
        const plan: Plan = {
          ...{ title: '', corpora: { all: data }, tasks: [{ corpus: 'all', ...kind }] },
          ...{ networks: [{ network: 'original' }], seeds: [trial, trial + 100] },
        };
        for (const { config, folds } of (await expand(plan, root)).cells) {
          const { clips } = await loadCorpus(config.data);
          const tested: string[] = [];
          for (const each of folds ? foldConfigs(clips, config) : [config]) {
            const split = splitFor(clips, each);
            for (const of of [content, ({ path }: Clip) => path, (clip: Clip) => clip[kind.protocol]])
              assert.deepEqual(shared(clips, split, of), []);
            assert.equal(split.train.length + split.validation.length + split.test.length, clips.length);
            tested.push(...split.test.map((i) => clips[i].path));
          }
          if (folds) assert.deepEqual(tested.sort(), clips.map(({ path }) => path).sort());
        }
      }
    });

  it('no clip, copy, speaker or corpus is on both sides where other corpora are tested with', async () => {
    const options = {
      speakers: ['a', 'b', 'c'],
      texts: ['x', 'y'],
      emotions: ['anger', 'fear'],
      takes: 2,
      copies: true,
    };
    const corpora = Object.fromEntries(
      ['one', 'two', 'three'].map((name) => [name, manifest(join(root, name, `${name}.csv`), options)]),
    );
    const tasks = [
      { train: ['one'], test: ['two'] },
      { train: ['one', 'three'], test: ['two'] },
      { train: ['two'], test: ['three', 'one'] },
    ];
    const { cells } = await expand(
      { title: '', corpora, tasks, networks: [{ network: 'original' }], seeds: [1, 2, 3] },
      join(root, 'out'),
    );
    assert.equal(cells.length, 9);
    for (const [c, { config, manifest: text }] of cells.entries()) {
      writeFile(config.data, text!);
      const { clips } = await loadCorpus(config.data);
      const split = splitFor(clips, config);
      const corpusOf = ({ speaker }: Clip) => speaker.split('/')[0];
      for (const of of [content, ({ path }: Clip) => path, ({ speaker }: Clip) => speaker, corpusOf])
        assert.deepEqual(shared(clips, split, of), []);
      const { train, test } = tasks[Math.floor(c / 3)];
      assert.deepEqual([...new Set(split.test.map((i) => corpusOf(clips[i])))].sort(), [...test].sort());
      assert.deepEqual(
        [...new Set([...split.train, ...split.validation].map((i) => corpusOf(clips[i])))].sort(),
        [...train].sort(),
      );
    }
  });

  /** Part of EMO-DB as a manifest, with other recordings or other emotions of some speakers. */
  function corpusWith(folder: string, changed?: 'recordings' | 'emotions', of: readonly string[] = ['03']): string {
    const names = smallCorpus(folder, { speakers: ['03', '08', '09', '10'], emotions: ['F', 'T', 'W'], each: 3 });
    const theirs = names.filter((name) => of.includes(emodb.parse(name)!.speaker));
    const others = readdirSync(EMODB).filter((name) => /^1[3-6]/.test(name));
    if (changed === 'recordings')
      for (const [i, name] of theirs.entries()) {
        rmSync(join(folder, name));
        copyFileSync(join(EMODB, others[i]), join(folder, name));
      }
    const rows = names.map((path) => {
      const { speaker, text, emotion } = emodb.parse(path)!;
      const other = theirs[(theirs.indexOf(path) + 4) % theirs.length];
      const turned = changed === 'emotions' && theirs.includes(path);
      return { path, speaker, text, emotion: turned ? emodb.parse(other)!.emotion : emotion };
    });
    writeFileSync(join(folder, 'part.csv'), csvText(rows));
    return join(folder, 'part.csv');
  }

  /** All files of the model, trained where the first speaker is tested with, but for its card, which tells how the test went. */
  async function modelOf(
    changes: Partial<RunConfig>,
    data: string,
    directory: string,
  ): Promise<Record<string, string>> {
    const config = { ...configFor(changes.network!), ...changes, data, testSpeakers: ['03'] };
    await run(config, { backend: BACKEND, directory, report: false, cacheDirectory: join(root, 'cache') });
    const model = join(directory, 'model');
    assert.ok(existsSync(join(model, 'model.json')));
    return Object.fromEntries(
      readdirSync(model)
        .filter((name) => name !== 'MODEL_CARD.md')
        .map((name) => [name, readFileSync(join(model, name)).toString('base64')]),
    );
  }

  const trained: Partial<RunConfig>[] = [
    { network: 'encoder' },
    { network: 'original', normalise: 'train', epochs: 3, sizes: { filters: [4], denseUnits: [] } },
    { network: 'original', normalise: 'speaker', epochs: 2, sizes: { filters: [4], denseUnits: [] } },
    { network: 'compact', epochs: 2 },
  ];
  for (const changes of trained)
    it(`the recordings and emotions of the test leave every bit of the model as it is: ${JSON.stringify(changes)}`, async () => {
      const place = (name: string) => join(root, `${changes.network}-${changes.normalise}-${name}`);
      const expected = await modelOf(changes, corpusWith(place('nothing')), place('model'));
      for (const changed of ['recordings', 'emotions'] as const) {
        const found = await modelOf(changes, corpusWith(place(changed), changed), place(`${changed}-model`));
        assert.deepEqual(found, expected);
      }
      // It would show: other recordings of those who are learnt from change the model.
      const learnt = corpusWith(place('learnt'), 'recordings', ['08', '09', '10']);
      assert.notDeepEqual(await modelOf(changes, learnt, place('learnt-model')), expected);
    });
});
