import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../src/experiment/plan.js';
import { writeReport } from '../../src/experiment/write.js';
import { result } from './results.js';

describe('writeReport()', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(directory, { recursive: true }));
  const markdown = () => readFileSync(join(directory, 'results.md'), 'utf8');
  const plan = { title: 'Title', corpora: {}, tasks: [], networks: [], seeds: [] } as Plan;

  it('keeps what is normalised by speaker in tables of its own, and marks what is pre-trained', async () => {
    const answers = { f1: 'aaffjj', m1: 'aaffjf' };
    const summaries = await writeReport(directory, {
      plan,
      results: [
        result(answers),
        result(answers, { configuration: 'by speaker', normalise: 'speaker' }),
        result(answers, { configuration: 'a | b', network: 'encoder' }),
      ],
      cells: 5,
    });
    assert.deepEqual(
      Object.entries(summaries).map(([track, each]) => [track, each.map(({ configuration }) => configuration)]),
      [
        ['task', ['first', 'a | b']],
        ['task, normalised by speaker', ['by speaker']],
      ],
    );
    const text = markdown();
    assert.match(
      text,
      /3 cells of 5; 2 still missing\. Made with version 1\.2\.3 \(commit abc\); Node v20, backend wasm; CPU\./,
    );
    assert.match(
      text,
      /\| first \| no \| 1 \| 91\.7 \| .*joy 75\.0 %, taken for fear \| .* \| 100\.0 \| 83\.3 \|\n\| a \\\| b \| yes \|/,
    );
    assert.match(text, /A test needs at least 6 speakers/);
    assert.match(text, /A track of its own: the unlabelled recordings/);
  });

  it('leaves a speaker empty whom a configuration was not tested with', async () => {
    const results = [
      result({ a: 'aaffjj', b: 'aaffjj' }),
      result({ a: 'aaffjj', c: 'aaffff' }, { configuration: 'second' }),
    ];
    await writeReport(directory, { plan, results, cells: 2 });
    assert.match(markdown(), /\| b \| 100\.0 \| {2}\|\n\| c \| {2}\| 66\.7 \|/);
  });
});
