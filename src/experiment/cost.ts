import { join } from 'node:path';
import { writeCsv } from '../common/csv.js';
import { writeJson } from '../common/files.js';
import { grouped } from '../common/grouped.js';
import { count, duration } from '../common/text.js';
import { type Spent, totalSpent } from '../run/cost.js';
import type { CellResult } from './summary.js';

/** What is written about the cost of an experiment. */
export const COST_FILES = { csv: 'cost.csv', json: 'cost.json' } as const;

/** What the cells of a configuration cost together, wherever they were carried out. */
export interface ConfigurationCost extends Spent {
  readonly task: string;
  readonly configuration: string;
  /** The cells of which there is a record; earlier versions kept none. */
  readonly cells: number;
}

/** What an experiment cost. */
export interface ExperimentCost {
  readonly configurations: readonly ConfigurationCost[];
  /** Times are added up: cells that were carried out at the same time count one by one. */
  readonly total: Spent & { readonly cells: number; readonly unrecorded: number };
}

/** Adds up what cells cost. */
export function costOf(results: readonly CellResult[]): ExperimentCost {
  const groups = [...grouped(results, ({ task, configuration }) => JSON.stringify([task, configuration])).values()];
  const costs = results.flatMap(({ cost }) => cost ?? []);
  return {
    configurations: groups.map((members) => {
      const [{ task, configuration }] = members;
      const own = members.flatMap(({ cost }) => cost ?? []);
      return { task, configuration, cells: own.length, ...totalSpent(own) };
    }),
    total: { cells: costs.length, unrecorded: results.length - costs.length, ...totalSpent(costs) },
  };
}

/** Writes the cost of each cell as CSV, and that of each configuration, and the total, as JSON. */
export function writeCost(directory: string, results: readonly CellResult[]): ExperimentCost {
  const rows = results.flatMap(({ task, configuration, seed, cost, directory: cell }) => {
    if (!cost) return [];
    const { wallSeconds, processorSeconds, peakMegabytes, sittings } = cost;
    const { project, commit, cpu, cores, node } = sittings[sittings.length - 1];
    const spent = { wallSeconds, processorSeconds, peakMegabytes, sittings: sittings.length };
    return { task, configuration, seed, ...spent, project, commit, node, cpu, cores, directory: cell };
  });
  writeCsv(join(directory, COST_FILES.csv), rows);
  const cost = costOf(results);
  writeJson(join(directory, COST_FILES.json), cost);
  return cost;
}

/** The cost of each configuration, and the total in the last row, as a table's rows for people. */
export function costTable({ configurations, total }: ExperimentCost): Record<string, string>[] {
  const row = (task: string, configuration: string, spent: Spent & { readonly cells: number }) => ({
    task,
    configuration,
    cells: String(spent.cells),
    time: duration(spent.wallSeconds),
    'processor time': duration(spent.processorSeconds),
    'memory at most': `${Math.round(spent.peakMegabytes)} MB`,
  });
  return [
    ...configurations.map((each) => row(each.task, each.configuration, each)),
    row('all', total.unrecorded > 0 ? `but ${count(total.unrecorded, 'cell')} without a record` : '', total),
  ];
}
