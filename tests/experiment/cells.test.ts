import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFile } from '../../src/common/files.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { expand } from '../../src/experiment/cells.js';
import type { Plan } from '../../src/experiment/plan.js';
import { manifest } from './corpora.js';

describe('expand()', () => {
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));
  const texts = ['t1', 't2', 't3'];
  const ours = manifest(join(root, 'ours/ours.csv'), {
    ...{ speakers: ['f1', 'f2', 'm1', 'm2'], texts, emotions: ['anger', 'fear', 'calm'] },
  });
  const theirs = manifest(join(root, 'theirs/theirs.csv'), {
    ...{ speakers: ['f1', 'x'], texts, emotions: ['anger', 'fear', 'surprise'] },
  });
  const plan: Plan = {
    title: 'Plan',
    corpora: { ours, theirs },
    tasks: [{ corpus: 'ours', folds: 'each' }],
    networks: [{ network: 'original' }],
    seeds: [1],
  };
  const out = join(root, 'out');
  const cellsOf = async (changes: Partial<Plan>) => (await expand({ ...plan, ...changes }, out)).cells;

  it('is the product of tasks, networks, normalisations and seeds, and counts the runs of folds', async () => {
    const cells = await cellsOf({
      tasks: [
        { corpus: 'ours', folds: 'each' },
        { corpus: 'ours', protocol: 'text' },
        { corpus: 'ours', folds: 2 },
      ],
      networks: [{ network: 'original' }, { network: 'original', epochs: 3 }],
      normalise: ['clip', 'train'],
      seeds: [1, 2],
    });
    assert.equal(cells.length, 3 * 2 * 2 * 2);
    assert.deepEqual(
      [...new Set(cells.map(({ task }) => task))],
      [
        'ours, one speaker left out at a time',
        'ours, protocol text',
        'ours, one of 2 groups of speakers left out at a time',
      ],
    );
    assert.deepEqual(
      [...new Set(cells.map(({ configuration }) => configuration))],
      ['original', 'original, normalise train', 'original, epochs 3', 'original, normalise train, epochs 3'],
    );
    assert.deepEqual(
      [0, 8, 16].map((i) => cells[i].runs),
      [4, 1, 2],
    );
    assert.equal(new Set(cells.map(({ directory }) => directory)).size, cells.length);
    assert.ok(!readdirSync(root).includes('out'), 'nothing is written');
  });

  it('names a cell after its content: the same in another plan, once in one, another one where anything changes', async () => {
    const [cell] = await cellsOf({});
    const [same] = await cellsOf({ title: 'Other', networks: [{ network: 'original' }, { network: 'encoder' }] });
    assert.equal(same.directory, cell.directory);
    const twice = await cellsOf({ networks: [{ network: 'original' }, { network: 'original', normalise: 'clip' }] });
    assert.equal(twice.length, 1);
    for (const changes of [
      { seeds: [2] },
      { networks: [{ network: 'original', batchSize: 16 }] },
      { tasks: [{ corpus: 'ours', folds: 2 }] },
      { tasks: [{ corpus: 'theirs', folds: 'each' as const }] },
      { normalise: ['speaker' as const] },
    ])
      assert.notEqual((await cellsOf(changes))[0].directory, cell.directory, JSON.stringify(changes));
    const grown = manifest(join(root, 'grown/ours.csv'), {
      ...{ speakers: ['f1', 'f2', 'm1', 'm2'], texts: [...texts, 't4'], emotions: ['anger', 'fear', 'calm'] },
    });
    assert.notEqual((await cellsOf({ corpora: { ours: grown, theirs } }))[0].directory, cell.directory);
  });

  it("lets an entry's own normalisation go before the list", async () => {
    const cells = await cellsOf({
      networks: [{ network: 'original', normalise: 'speaker' }],
      normalise: ['train', 'clip'],
    });
    assert.deepEqual(
      cells.map(({ config }) => config.normalise),
      ['speaker'],
    );
  });

  it('trains with one corpus and tests with another, over the emotions of both, and says what is left out', async () => {
    const { cells, notes } = await expand({ ...plan, tasks: [{ train: ['ours'], test: ['theirs'] }] }, out);
    const [{ config, manifest: text, task, runs }] = cells;
    assert.deepEqual([task, runs, config.protocol], ['ours to theirs', 1, 'speaker']);
    assert.deepEqual(config.testSpeakers, ['theirs/f1', 'theirs/x']);
    assert.deepEqual(notes, ['ours to theirs: 18 clips of calm, surprise left out: only one side has such clips']);
    writeFile(config.data, text!);
    const { clips } = await loadCorpus(config.data);
    assert.equal(clips.length, 4 * 3 * 2 + 2 * 3 * 2);
    assert.deepEqual([...new Set(clips.map(({ emotion }) => emotion))].sort(), ['anger', 'fear']);
    assert.deepEqual([...new Set(clips.map(({ speaker, sex }) => `${speaker} ${sex}`))].sort(), [
      'ours/f1 female',
      'ours/f2 female',
      'ours/m1 male',
      'ours/m2 male',
      'theirs/f1 female',
      'theirs/x male',
    ]);
  });

  it('learns the emotions of a task, some of them merged, and names them', async () => {
    const choice = { emotions: ['anger', 'neutral'], map: { calm: 'neutral' } };
    const [cell] = await cellsOf({ tasks: [{ corpus: 'ours', folds: 'each', ...choice }] });
    assert.deepEqual(
      [cell.task, cell.configuration],
      ['ours, one speaker left out at a time, anger, neutral, calm as neutral', 'original'],
    );
    const { emotions, map } = cell.config;
    assert.deepEqual({ emotions, map }, choice);
    // One of the corpora has no surprise, the other has no calm.
    const across = { train: ['ours'], test: ['theirs'], map: { calm: 'neutral', surprise: 'neutral' } };
    const { cells, notes } = await expand({ ...plan, tasks: [across] }, out);
    assert.deepEqual([notes, cells[0].config.map], [[], undefined]);
    assert.match(cells[0].manifest!, /theirs.*surprise.*,neutral,/);
    await assert.rejects(cellsOf({ tasks: [{ corpus: 'ours', emotions: ['anger', 'joy'] }] }), {
      name: 'UsageError',
      message: /Cannot choose the emotion happiness/,
    });
  });

  it('refuses corpora without a common emotion, and what no run could be made with', async () => {
    const odd = manifest(join(root, 'odd/odd.csv'), { speakers: ['a', 'b'], texts, emotions: ['boredom', 'disgust'] });
    await assert.rejects(cellsOf({ corpora: { ours, odd }, tasks: [{ train: ['ours'], test: ['odd'] }] }), {
      name: 'InputError',
      message: 'ours to odd: the corpora have no emotion in common',
    });
    await assert.rejects(cellsOf({ networks: [{ network: 'original', sizes: { wings: 2 } }] }), {
      name: 'UsageError',
      message: /Cannot run with this configuration: .*sizes/,
    });
    await assert.rejects(cellsOf({ corpora: { ours: join(root, 'none') } }), {
      name: 'InputError',
      message: /No such folder/,
    });
    await assert.rejects(cellsOf({ tasks: [{ corpus: 'theirs', folds: 3 }] }), {
      name: 'InputError',
      message: /at most 2/,
    });
  });

  it('refuses a recording that is on both sides, whatever the task', async () => {
    const options = { speakers: ['f1', 'f2', 'm1'], texts, emotions: ['anger', 'fear'] };
    const copied = manifest(join(root, 'copied/copied.csv'), options);
    copyFileSync(join(root, 'copied/f1-t1-anger-0.wav'), join(root, 'copied/m1-t2-anger-0.wav'));
    const mixed = manifest(join(root, 'mixed/mixed.csv'), options);
    copyFileSync(join(root, 'copied/f2-t3-anger-0.wav'), join(root, 'mixed/m1-t2-anger-0.wav'));
    for (const task of [
      { corpus: 'copied', folds: 'each' as const },
      { corpus: 'copied', folds: 2 },
      { corpus: 'copied', protocol: 'text' as const, folds: 'each' as const },
      ...(['speaker', 'text', 'random', 'original'] as const).map((protocol) => ({ corpus: 'copied', protocol })),
      { train: ['copied'], test: ['mixed'] },
    ])
      await assert.rejects(
        cellsOf({ corpora: { copied, mixed }, tasks: [task] }),
        { name: 'InputError', message: /are the same recording/ },
        JSON.stringify(task),
      );
  });
});
