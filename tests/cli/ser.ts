import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { nativeInPlace } from '../../src/backend/native/native.js';
import { HAS_LINKS } from '../setup/system.js';

const ROOT = join(__dirname, '../..');
const BIN = join(ROOT, 'bin/ser.js');

/** The corpus that comes with the project. */
export const EMODB = join(ROOT, 'data/emodb');

/** The fast backend where it can be had: `native-library.ts` has provided it. */
export const BACKEND = nativeInPlace() ? 'native' : 'wasm';

/** What a finished command leaves. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** Working directory; default: the project's. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command that is running. */
export class Running {
  readonly done: Promise<Outcome>;
  private stdout = '';
  private stderr = '';

  constructor(private readonly child: ChildProcess) {
    child.stdout!.on('data', (text) => {
      this.stdout += text;
    });
    child.stderr!.on('data', (text) => {
      this.stderr += text;
    });
    this.done = new Promise((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })),
    );
  }

  /** Waits until standard error is as described, or throws if the command ends first. */
  async until(what: (stderr: string) => boolean): Promise<void> {
    while (!what(this.stderr)) {
      if (this.child.exitCode !== null) throw new Error(`the command ended too early:\n${this.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Starts the `ser` command. */
export function start(args: readonly string[], { cwd = ROOT, env = {} }: Surroundings = {}): Running {
  return new Running(
    spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Runs the `ser` command to its end. */
export function ser(args: readonly string[], surroundings?: Surroundings): Promise<Outcome> {
  return start(args, surroundings).done;
}

/** Runs a line of shell in which `ser` is the command. */
export function shell(line: string, { cwd = ROOT }: Surroundings = {}): Promise<Outcome> {
  const script = `ser() { '${process.execPath}' '${BIN}' "$@"; }\n${line}`;
  return new Running(spawn('bash', ['-c', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })).done;
}

/** Four speakers with three emotions each: the first clips of each emotion. */
export const SMALL = { speakers: ['03', '08', '09', '10'], emotions: ['F', 'T', 'W'], each: 2 };

/**
 * A part of EMO-DB in a folder, as links where everybody may make them.
 *
 * @returns the names of the clips
 */
export function smallCorpus(folder: string, { speakers, emotions, each } = SMALL): string[] {
  const all = readdirSync(EMODB).sort();
  const names = speakers.flatMap((speaker) =>
    emotions.flatMap((emotion) => all.filter((name) => name.startsWith(speaker) && name[5] === emotion).slice(0, each)),
  );
  mkdirSync(folder, { recursive: true });
  const put = HAS_LINKS ? symlinkSync : copyFileSync;
  for (const name of names) put(join(EMODB, name), join(folder, name));
  return names;
}
