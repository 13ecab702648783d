import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { isAlive } from '../../src/common/processes.js';

describe('isAlive()', () => {
  it('knows processes that run from those that ended', () => {
    assert.ok(isAlive(process.pid));
    assert.ok(isAlive(process.ppid));
    assert.ok(!isAlive(spawnSync(process.execPath, ['-e', '']).pid));
  });

  it('is false for numbers that are not the id of a single process', () => {
    for (const pid of [0, -1, -process.pid, Number.NaN, 1.5, 1e12]) assert.ok(!isAlive(pid), `${pid}`);
  });
});
