/** Gives the tests, and all commands that they start, a feature cache of their own instead of the user's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_CACHE_VARIABLE } from '../src/common/cache-directory.js';

const folder = mkdtempSync(join(tmpdir(), 'ser-features-'));
process.env[FEATURE_CACHE_VARIABLE] = folder;

/** Called by mocha after the last test. */
export function mochaGlobalTeardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
