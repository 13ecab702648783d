import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isAlive } from '../../src/common/processes.js';

describe('isAlive()', () => {
  it('knows processes that run from those that ended', () => {
    assert.ok(isAlive(process.pid));
    assert.ok(isAlive(process.ppid));
    assert.ok(!isAlive(spawnSync(process.execPath, ['-e', '']).pid));
  });

  it('takes one that has ended for dead, though nobody has asked how', async function () {
    if (process.platform !== 'linux') this.skip();
    // What the shell turns into does not ask for what the shell has begun.
    const parent = spawn('sh', ['-c', 'sh -c "exit 3" & echo $!; exec sleep 20']);
    const [id] = await once(parent.stdout, 'data');
    const stat = () => readFileSync(`/proc/${Number(id)}/stat`, 'utf8');
    while (!stat().includes(') Z')) await setTimeout(10);
    process.kill(Number(id), 0);
    assert.ok(!isAlive(Number(id)));
    parent.kill();
  });

  it('is false for numbers that are not the id of a single process', () => {
    for (const pid of [0, -1, -process.pid, Number.NaN, 1.5, 1e12]) assert.ok(!isAlive(pid), `${pid}`);
  });
});
