import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of its own for each test of a suite, removed after it. */
export function temporaryFolder(): () => string {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return () => folder;
}

/** Makes empty files below a folder, which is all that a reader of names needs. */
export function touch(folder: string, ...names: readonly string[]): void {
  for (const name of names) write(join(folder, name), '');
}

/** Writes a file, and the folders it needs. */
export function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
