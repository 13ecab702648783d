import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/common/errors.js';
import { writeFile } from '../../src/common/files.js';
import { withFaults } from './faults.js';
import { InterruptedRun, type Way } from './interrupted-run.js';

describe('faults', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(folder, { recursive: true }));

  it('withFaults() counts what changes files below a folder, and lets some of it fail', async () => {
    const below = join(folder, 'a');
    const path = join(below, 'x.txt');
    const write = async () => {
      writeFile(path, 'some text');
      writeFileSync(join(folder, 'elsewhere.txt'), '');
    };
    // A file that is opened, for which there is no folder yet, the folder, and a file that is opened, written, synced and renamed.
    assert.equal(await withFaults({ below, fails: () => false }, write), 6);
    assert.equal(readFileSync(path, 'utf8'), 'some text');
    writeFileSync(path, 'earlier');
    for (let n = 0; n < 4; n++) {
      await assert.rejects(withFaults({ below, fails: (operation) => operation === n }, write), InputError);
      assert.equal(readFileSync(path, 'utf8'), 'earlier');
    }
    const direct = async () => writeFileSync(path, 'some text');
    await assert.rejects(withFaults({ below, fails: () => true }, direct), { code: 'ENOSPC' });
    assert.equal(readFileSync(path, 'utf8'), 'some');
  });

  describe('a run that fails at a file operation, gone on with, leaves what one without failure leaves', () => {
    const interrupted = new InterruptedRun(join(folder, 'run'));
    let operations: number;
    before(async () => {
      operations = await interrupted.prepare();
      assert.ok(operations > 30);
    });
    // `npm run faults` tries all.
    const sample: [share: number, way: Way][] = [
      [0, 'once'],
      [0.05, 'from then on'],
      [0.4, 'once'],
      [0.6, 'killed'],
      [0.8, 'from then on'],
    ];
    for (const [share, way] of sample)
      it(`${way}, after ${100 * share} % of the operations`, async () => {
        const { faults } = await interrupted.trial(Math.floor(share * operations), way);
        assert.deepEqual(faults, []);
      });
  });
});
