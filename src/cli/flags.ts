import { quoted } from '../common/text.js';
import { RUN_FLAGS } from '../run/flags.js';

/** What else the command line has another name for. */
const FLAGS: Readonly<Record<string, string>> = {
  ...RUN_FLAGS,
  directory: '--out',
  workers: '--workers',
  cacheLimitBytes: '--cache-limit',
  backend: '--backend',
  resume: '--resume',
  labels: '--labels',
  features: '--features',
  like: '--like',
};

/** The commands that go on as these functions do. */
const RESUMING: Readonly<Record<string, string>> = {
  resume: 'ser run --resume',
  resumeFolds: 'ser run --resume',
  resumeComparison: 'ser compare --resume',
};

/**
 * A message as the command line says it. Messages name options as TypeScript and notebooks do, in backticks, and so what a
 * job is gone on with: `maxSkipped` becomes `--max-skipped`, `resume("runs/x")` becomes `ser run --resume runs/x`.
 */
export function forCommandLine(message: string): string {
  return message
    .replace(/`(\w+)`/g, (all, name) => (Object.hasOwn(FLAGS, name) ? FLAGS[name] : all))
    .replace(/`(\w+)\(("(?:[^"\\]|\\.)*")\)`/g, (all, name, folder) =>
      Object.hasOwn(RESUMING, name) ? `${RESUMING[name]} ${quoted(JSON.parse(folder))}` : all,
    );
}
