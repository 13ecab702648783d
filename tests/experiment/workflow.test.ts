import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/common/errors.js';
import { writeFile } from '../../src/common/files.js';
import { expand } from '../../src/experiment/cells.js';
import type { Plan } from '../../src/experiment/plan.js';
import { findSnakemake } from '../../src/experiment/snakemake.js';
import { writeWorkflow } from '../../src/experiment/workflow.js';
import { HAS_LINKS } from '../setup/system.js';
import { manifest } from './corpora.js';

describe('writeWorkflow()', () => {
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));
  const out = join(root, 'out');
  const directory = join(out, "it's a plan");
  const ours = manifest(join(root, 'ours/ours.csv'), {
    speakers: ['f1', 'f2', 'm1'],
    texts: Array.from({ length: 600 }, (_, i) => `t${i}`),
    emotions: ['anger', 'fear'],
  });
  const plan: Plan = {
    title: 'Plan',
    corpora: { ours },
    tasks: [{ corpus: 'ours' }, { corpus: 'ours', folds: 'each' }],
    networks: [{ network: 'original' }, { network: 'time' }, { network: 'encoder', conditions: ['telephone'] }],
    seeds: [1, 2],
  };
  const written = async (options: object = {}) => {
    const { cells } = await expand(plan, out);
    const rest = { directory, out, plan: 'plan.json', threads: 2, backend: 'wasm' as const, ...options };
    const snakefile = writeWorkflow(cells, rest);
    const config = JSON.parse(readFileSync(join(directory, 'workflow.json'), 'utf8'));
    return { cells, config, text: readFileSync(snakefile, 'utf8') };
  };

  it('has a job for each cell, and shards for each set of features that cells share', async () => {
    const { cells, config } = await written();
    assert.deepEqual(
      Object.keys(config.cells),
      cells.map((cell) => cell.directory.slice(join(out, 'cells/').length)),
    );
    // Networks with the same features share them, and so do the seeds; noise and the like is drawn anew by each seed.
    const extractions = new Map(
      cells.map((cell, i) => [`${cell.config.network} ${cell.config.seed}`, Object.values(config.cells)[i]]),
    );
    assert.equal(extractions.get('original 1'), extractions.get('time 2'));
    assert.notEqual(extractions.get('encoder 1'), extractions.get('encoder 2'));
    assert.equal(Object.keys(config.extractions).length, 3);
    for (const { run, shards } of Object.values<{ run: string; shards: number }>(config.extractions)) {
      assert.ok(cells.some((cell) => cell.directory === join(out, run)));
      // 3,600 clips, of which at least 500 are in a shard.
      assert.equal(shards, 7);
    }
    assert.deepEqual([config.threads, config.backend], [2, 'wasm']);
  });

  it('makes no more shards than jobs run at a time', async () => {
    const { config } = await written({ jobs: 2 });
    assert.deepEqual(
      [...new Set(Object.values<{ shards: number }>(config.extractions).map(({ shards }) => shards))],
      [2],
    );
  });

  it('says where corpora and the plan are, whatever the working directory of Snakemake is', async () => {
    const { config } = await written({ data: { ours: 'somewhere' } });
    assert.deepEqual(
      [config.plan, config.data],
      [join(process.cwd(), 'plan.json'), { ours: join(process.cwd(), 'somewhere') }],
    );
  });

  it('declares of each kind of job its inputs, outputs, threads and memory', async () => {
    const { text } = await written();
    assert.match(text, /^NAME = "it's a plan"$/m);
    assert.match(text, /^os\.environ\.update\(\{"MALLOC_ARENA_MAX":"2",.*\}\)$/m);
    assert.match(
      text,
      /^SER = "TF_NUM_INTRAOP_THREADS=\{threads\} TF_NUM_INTEROP_THREADS=\{threads\} \{config\[ser\]\}"$/m,
    );
    assert.match(text, /#\s+snakemake --snakefile 'it'\\''s a plan\/Snakefile' .*--cores 2$/m);
    const rules = Object.fromEntries(
      text
        .split(/^rule /m)
        .slice(1)
        .map((rule) => [rule.slice(0, rule.indexOf(':')), rule]),
    );
    assert.deepEqual(Object.keys(rules), ['all', 'cells', 'features', 'cell', 'tables']);
    for (const name of ['features', 'cell'])
      for (const part of [/output:/, /threads: config\["threads"\]/, /mem_mb=lambda wildcards, attempt:.* \* attempt/])
        assert.match(rules[name], part);
    assert.match(rules.cell, /"cells\/\{cell\}\/metrics.json"/);
    assert.match(rules.tables, /input:\n +CELLS/);
  });
});

describe('findSnakemake()', () => {
  before(function () {
    if (!HAS_LINKS) this.skip();
  });
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));
  const fake = (name: string, body: string): string => {
    const path = join(root, name);
    writeFile(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const refused = (places: string[], message: RegExp) =>
    assert.throws(() => findSnakemake(places), { constructor: InputError, message });

  it('takes the first that there is', () => {
    const there = fake('snakemake', 'echo 9.1.0');
    assert.equal(findSnakemake([join(root, 'none'), there, fake('other', 'echo 9.2.0')]), there);
  });

  it('refuses another major version, and one that does not start', () => {
    refused(
      [fake('old', 'echo 7.32.4')],
      /Cannot use .*old \(version 7\.32\.4\): the workflow is tested with version 9\./,
    );
    refused(
      [fake('bad', 'echo "No module named snakemake" >&2; exit 1')],
      /bad \(it does not start: No module named snakemake\)/,
    );
  });

  it('says how to set it up where there is none', () => {
    refused(
      [join(root, 'none')],
      /Cannot find Snakemake on the search path: .*npm run snakemake.*pip install snakemake==\d/,
    );
  });

  it('names the versions that are pinned', () => {
    const pinned = readFileSync(join(__dirname, '../../scripts/cluster/requirements.txt'), 'utf8');
    assert.throws(
      () => findSnakemake([]),
      ({ message }: Error) => {
        const named = [...message.matchAll(/[\w-]+==[\d.]*\d/g)].map(([text]) => text);
        assert.equal(named.length, 2);
        return named.every((text) => pinned.includes(`\n${text} `));
      },
    );
  });
});
