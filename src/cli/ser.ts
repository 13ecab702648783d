/**
 * The command `ser`.
 *
 * In: the words of a command line. Out: what the command of that name does, messages for people, and an exit code.
 */
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError } from 'commander';
import { InputError, reasonOf, UsageError } from '../common/errors.js';
import { printable } from '../common/printable.js';
import { printSafely } from './console.js';
import { forCommandLine } from './flags.js';

/** Exit codes of the command. */
const FAILED = 1;
const WRONG_USAGE = 2;

/** Each command is loaded when it is asked for: TensorFlow's packages take longer to load than some commands to run. */
const COMMANDS: Readonly<Record<string, () => Command>> = {
  run: () => (require('./run.js') as typeof import('./run.js')).runCommand(),
  compare: () => (require('./compare.js') as typeof import('./compare.js')).compareCommand(),
  experiment: () => (require('./experiment.js') as typeof import('./experiment.js')).experimentCommand(),
  predict: () => (require('./predict.js') as typeof import('./predict.js')).predictCommand(),
  evaluate: () => (require('./evaluate.js') as typeof import('./evaluate.js')).evaluateCommand(),
  stress: () => (require('./stress.js') as typeof import('./stress.js')).stressCommand(),
  export: () => (require('./export.js') as typeof import('./export.js')).exportCommand(),
  import: () => (require('./import.js') as typeof import('./import.js')).importCommand(),
  features: () => (require('./features.js') as typeof import('./features.js')).featuresCommand(),
  cache: () => (require('./cache.js') as typeof import('./cache.js')).cacheCommand(),
  inspect: () => (require('./inspect.js') as typeof import('./inspect.js')).inspectCommand(),
  doctor: () => (require('./doctor.js') as typeof import('./doctor.js')).doctorCommand(),
  corpora: () => (require('./corpora.js') as typeof import('./corpora.js')).corporaCommand(),
};

// Before memory grows with what is thrown away: left alone, V8 lets a heap of 70 MB become one of 300 MB before it tidies up.
setFlagsFromString('--heap-growing-percent=60');

const program = new Command('ser')
  .description('Speech emotion recognition: from recordings to a trained, evaluated, reusable model.')
  .version((require('../../package.json') as { version: string }).version, '--version', 'print the version')
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    [
      '\nExamples:',
      '  ser run                 train on the corpus that comes with the project',
      '  ser predict hello.wav   tell its emotion with the newest model',
      '  ser run --help          all options of a command',
    ].join('\n'),
  );

// All of them where the first word names none: for the list of commands, and to say which one it resembles.
const [, , asked] = process.argv;
for (const make of Object.hasOwn(COMMANDS, asked) ? [COMMANDS[asked]] : Object.values(COMMANDS))
  program.addCommand(make().showSuggestionAfterError());
for (const command of [program, ...program.commands])
  command
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(process.stdout.columns || 100, 120) })
    .configureOutput({
      outputError: (text, write) => write(`ser: ${printable(text.replace(/^error: /, ''))}${dashHint(text)}`),
    });

main();

/** What to do where a file's name was taken for an option. */
function dashHint(message: string): string {
  const [, name] = message.match(/^error: unknown option '(.+)'/) ?? [];
  return name && existsSync(name) ? `(If the file is meant: ./${name})\n` : '';
}

async function main(): Promise<void> {
  printSafely();
  // A training does not end because nobody reads its progress, and a reader that has seen enough (`ser predict … | head`)
  // is no error.
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : FAILED));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Tells what went wrong, and gives the exit code for it. */
function exitCodeOf(error: unknown): number {
  // Commander has said it already; asking for help is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  if (error instanceof UsageError || error instanceof InputError)
    console.error(`ser: ${forCommandLine(error.message)}`);
  else
    console.error(
      `ser: ${reasonOf(error)}\n(this is a fault of the program; please report it with the following)`,
      error,
    );
  return error instanceof UsageError ? WRONG_USAGE : FAILED;
}
