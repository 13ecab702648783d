import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/common/errors.js';
import { fuzz, inputOf } from './fuzz.js';
import { damaged } from './mutations.js';
import { READERS } from './readers.js';

/** For each reader; `npm run fuzz` reads many more. */
const INPUTS = 150;
const SEED = 1;

describe('fuzz', function () {
  this.timeout(60_000);

  for (const [name, make] of Object.entries(READERS))
    it(`${name}: a result or a known error, in bounded time and memory`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ser-'));
      try {
        const { faults, accepted, refused } = await fuzz(await make(folder), { seed: SEED, inputs: INPUTS });
        assert.deepEqual(faults, []);
        assert.equal(accepted + (refused.InputError ?? 0), INPUTS);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

  it('tells of errors that are not known, and makes the same input again', async () => {
    const examples = [Buffer.from('an example of some length')];
    const asked: Uint8Array[] = [];
    const reader = {
      examples,
      mutate: damaged,
      read: (file: Uint8Array) => {
        if (file === examples[0]) return;
        asked.push(file);
        if (asked.length === 3) throw new TypeError('a fault');
        throw new InputError('no');
      },
    };
    const { faults, refused, accepted } = await fuzz(reader, { seed: 7, inputs: 5 });
    assert.deepEqual([accepted, refused], [0, { InputError: 4, TypeError: 1 }]);
    assert.equal(faults.length, 1);
    assert.equal(faults[0].input, 2);
    assert.match(faults[0].reason, /TypeError: a fault/);
    assert.deepEqual(inputOf(reader, 2, 7), asked[2]);
    assert.notDeepEqual(inputOf(reader, 2, 8), asked[2]);
  });
});
