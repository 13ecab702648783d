import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/common/errors.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { formatInspection, inspectCorpus } from '../../src/corpora/inspect.js';

describe('published clips', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const decode = async (): Promise<never> => {
    throw new InputError('not decoded here');
  };
  /** Clips that are missing, as the inspection words it. */
  async function missing(path: string): Promise<string | undefined> {
    const { problems } = await inspectCorpus(await loadCorpus(path), { decode });
    return problems.find(({ kind }) => kind === 'missing')?.detail;
  }

  it('loadCorpus() expects of RAVDESS the parts that are there, speech or song', async () => {
    writeFileSync(join(root, '03-02-01-01-01-01-01.wav'), '');
    assert.equal(await missing(root), '1011 of the 1012 published clips are not there');
    writeFileSync(join(root, '03-01-01-01-01-01-01.wav'), '');
    assert.equal(await missing(root), '2450 of the 2452 published clips are not there');
    rmSync(join(root, '03-02-01-01-01-01-01.wav'));
    assert.equal(await missing(root), '1439 of the 1440 published clips are not there');
  });

  it('loadCorpus() expects nothing of a manifest, even of one named like a corpus', async () => {
    writeFileSync(join(root, 'a.wav'), '');
    writeFileSync(join(root, 'emodb.csv'), 'path,emotion,speaker\na.wav,anger,anna\n');
    assert.equal(await missing(join(root, 'emodb.csv')), undefined);
  });

  it('formatInspection() lists many speakers one below the other, 2 before 10, whatever their names', async () => {
    const speakers = [...Array.from({ length: 12 }, (_, i) => String(i + 1)), 'constructor', '__proto__'];
    const rows = speakers.map((speaker, i) => `${i}.wav,anger,${speaker}`);
    for (let i = 0; i < rows.length; i++) writeFileSync(join(root, `${i}.wav`), '');
    writeFileSync(join(root, 'mine.csv'), ['path,emotion,speaker', ...rows].join('\n'));
    const lines = formatInspection(await inspectCorpus(await loadCorpus(join(root, 'mine.csv')), { decode })).split(
      '\n',
    );
    assert.match(lines[2], /^│ speaker +│ anger │ all │$/);
    const first = (speaker: string) => lines.findIndex((line) => line.startsWith(`│ ${speaker} `));
    assert.ok(first('1') < first('2') && first('2') < first('10'));
    assert.match(lines[first('2')], /^│ 2 +│ +1 │ +1 │$/);
    assert.ok(lines.some((line) => /^│ constructor +│ +1 │ +1 │$/.test(line)));
    assert.ok(lines.some((line) => /^│ __proto__ +│ +1 │ +1 │$/.test(line)));
    assert.ok(lines.some((line) => /^│ all +│ +14 │ +14 │$/.test(line)));
  });
});
