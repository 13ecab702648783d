import { Command } from 'commander';
import { diagnose, formatDiagnosis } from '../backend/doctor.js';

/** `ser doctor`: what is installed, what computes, and what to do about what does not work. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('say what is installed and what computes')
    .description('Says what is installed, in which versions, what computes, and what to do about what does not work.')
    .option('--setup', 'try again to provide the native library, even after a failure')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  ser doctor')
    .action(async (options) => {
      const diagnosis = await diagnose({ setup: options.setup, report: (line) => console.error(line) });
      console.log(options.json ? JSON.stringify(diagnosis, null, 2) : formatDiagnosis(diagnosis));
    });
}
