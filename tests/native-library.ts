/**
 * Provides TensorFlow's native library, unless it is there, before any test looks for it: else the first test that needs it
 * would, and tests before and after it would compute on different backends, with figures that differ by rounding.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { nativeInPlace } from '../src/backend/native/native.js';

if (!nativeInPlace()) {
  const provide = `require('./src/backend/native/native.ts').provideNative({ report: console.error })`;
  spawnSync(process.execPath, ['--require', 'tsx/cjs', '--eval', provide], {
    cwd: join(__dirname, '..'),
    stdio: ['ignore', 2, 2],
  });
}
