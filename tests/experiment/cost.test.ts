import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsv } from '../../src/common/csv.js';
import { costOf, costTable, writeCost } from '../../src/experiment/cost.js';
import type { Cost } from '../../src/run/cost.js';
import { result } from './results.js';

describe('cost of an experiment', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(directory, { recursive: true }));

  const machine = { project: '1.2.3', commit: 'abc-dirty', node: 'v20', platform: 'linux', cpu: 'CPU, 3 GHz' };
  const spent = (wallSeconds: number, processorSeconds: number, peakMegabytes: number): Cost => {
    const sitting = { began: '', wallSeconds, processorSeconds, peakMegabytes, ...machine, cores: 2, memoryGiB: 8 };
    return { wallSeconds, processorSeconds, peakMegabytes, sittings: [sitting] };
  };
  const answers = { a: 'aaffjj' };
  const results = [
    result(answers, { cost: spent(60, 100, 500) }),
    result(answers, { configuration: 'second', cost: spent(3600, 7000, 600) }),
    result(answers, { seed: 2, cost: spent(30, 50, 700) }),
    result(answers, { configuration: 'second', seed: 2 }),
    result(answers, { task: 'other', configuration: 'second', cost: spent(1, 1, 1) }),
  ];

  it('costOf() adds times up by task and configuration, and takes the largest memory', () => {
    assert.deepEqual(costOf(results), {
      configurations: [
        { task: 'task', configuration: 'first', cells: 2, wallSeconds: 90, processorSeconds: 150, peakMegabytes: 700 },
        {
          task: 'task',
          configuration: 'second',
          cells: 1,
          wallSeconds: 3600,
          processorSeconds: 7000,
          peakMegabytes: 600,
        },
        { task: 'other', configuration: 'second', cells: 1, wallSeconds: 1, processorSeconds: 1, peakMegabytes: 1 },
      ],
      total: { cells: 4, unrecorded: 1, wallSeconds: 3691, processorSeconds: 7151, peakMegabytes: 700 },
    });
  });

  it('costTable() says what is not known', () => {
    const table = costTable(costOf(results));
    assert.deepEqual(table.at(-1), {
      task: 'all',
      configuration: 'but 1 cell without a record',
      cells: '4',
      time: '1 h 01 min',
      'processor time': '1 h 59 min',
      'memory at most': '700 MB',
    });
    assert.equal(costTable(costOf(results.slice(0, 1))).at(-1)!.configuration, '');
  });

  it('writeCost() writes each cell that has a record', () => {
    const cost = writeCost(directory, results);
    assert.deepEqual(JSON.parse(readFileSync(join(directory, 'cost.json'), 'utf8')), cost);
    const rows = readCsv(join(directory, 'cost.csv'));
    assert.equal(rows.length, 4);
    assert.deepEqual(rows[0], {
      ...{ task: 'task', configuration: 'first', seed: '1', wallSeconds: '60', processorSeconds: '100' },
      ...{ peakMegabytes: '500', sittings: '1', project: '1.2.3', commit: 'abc-dirty', node: 'v20' },
      ...{ cpu: 'CPU, 3 GHz', cores: '2', directory: 'd' },
    });
  });
});
