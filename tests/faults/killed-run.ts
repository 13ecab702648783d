/** A process that kills itself at an operation of a run: folder, number of the operation, whether with a report. */
import { InterruptedRun } from './interrupted-run.js';

const [folder, operation, report] = process.argv.slice(2);
const die = () => process.kill(process.pid, 'SIGKILL');
new InterruptedRun(folder, report === 'true')
  .begin((n) => n === Number(operation), die)
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
