/**
 * `npm run faults`: lets a small run fail at each operation that changes a file, once, from then on, or killed with its process,
 * goes on with it, and compares all files with those of a run without failure. Prints a row for each way, and ends with 1 where
 * anything differs, or ended with an unknown error.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { count } from '../src/common/text.js';
import { textTable } from '../src/common/text-table.js';
import { InterruptedRun, WAYS } from '../tests/faults/interrupted-run.js';

interface Options {
  readonly report?: boolean;
  readonly every: number;
}

async function main({ report, every }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ser-'));
  try {
    const interrupted = new InterruptedRun(folder, report);
    const operations = await interrupted.prepare();
    const rows: string[][] = [];
    for (const way of WAYS) {
      const counts = { trials: 0, refused: 0, 'finished all the same': 0, killed: 0, faults: 0 };
      for (let operation = 0; operation < operations; operation += every) {
        const { outcome, faults } = await interrupted.trial(operation, way);
        counts.trials++;
        counts[outcome]++;
        if (faults.length > 0) counts.faults++;
        for (const fault of faults) console.error(`${way}, operation ${operation}: ${fault}`);
      }
      if (counts.faults > 0) process.exitCode = 1;
      console.error(`${way}: ${count(counts.trials, 'trial')}, ${count(counts.faults, 'fault')}`);
      rows.push([way, ...Object.values(counts).map(String)]);
    }
    console.log(textTable(['failing', 'trials', 'refused', 'finished all the same', 'killed', 'faults'], rows));
    console.log(`A run of ${count(operations, 'operation')}${report ? '' : ', without figures and report'}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

new Command('faults')
  .option('--report', 'with figures and report, which takes seconds each time')
  .option('--every <n>', 'only every n-th operation', Number, 1)
  .action(main)
  .parseAsync()
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
