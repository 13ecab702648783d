import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readState, writeState } from '../../src/run/state.js';

describe('run state', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  const path = join(directory, 'state.bin');
  after(() => rmSync(directory, { recursive: true }));

  const vector = (start: number) => Float32Array.from({ length: 5 }, (_, i) => start + i / 3);
  const state = {
    history: [{ epoch: 1, loss: 2, accuracy: 0.1, valLoss: 1.9, valAccuracy: 0.2, seconds: 1.5 }],
    weights: vector(0),
    bestWeights: vector(10),
    adam: { step: 7, mean: vector(20), variance: vector(30) },
  };

  it('readState() gives back what writeState() wrote', () => {
    writeState(path, state);
    assert.deepEqual(readState(path), state);
  });

  it('readState() knows that there is none', () => {
    assert.equal(readState(join(directory, 'none.bin')), undefined);
  });

  it('readState() refuses a damaged one', () => {
    writeState(path, state);
    const bytes = readFileSync(path);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 3] ^= 1;
    for (const damaged of [bytes.subarray(0, -4), bytes.subarray(0, 10), Buffer.alloc(0), flipped]) {
      writeFileSync(path, damaged);
      assert.throws(() => readState(path), { name: 'InputError', message: /state.bin is damaged; delete it/ });
    }
  });
});
