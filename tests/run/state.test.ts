import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
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

  it('readState() gives back weights that Adam does not train, and a loss that is not a number', () => {
    const [record] = state.history;
    const longer = {
      ...state,
      history: [record, { ...record, epoch: 2, loss: Number.NaN }],
      weights: new Float32Array(7).fill(1),
      bestWeights: new Float32Array(7).fill(2),
    };
    writeState(path, longer);
    assert.deepEqual(readState(path), longer);
  });

  it('readState() is undefined where there is none', () => {
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

  /** Writes a state whose checksum is right, whatever its header says. */
  function forge(change: (header: Record<string, unknown>) => unknown): void {
    writeState(path, state);
    const content = readFileSync(path).subarray(0, -4);
    const end = content.indexOf('\n');
    const header = JSON.stringify(change(JSON.parse(content.toString('utf8', 0, end))));
    const forged = Buffer.concat([Buffer.from(header), content.subarray(end)]);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(crc32(forged));
    writeFileSync(path, Buffer.concat([forged, checksum]));
  }

  it('readState() refuses an altered header', () => {
    writeState(path, state);
    const text = readFileSync(path, 'latin1');
    for (const [from, to] of [
      ['"step":7', '"step":8'],
      ['"loss":2', '"loss":1'],
    ]) {
      assert.ok(text.includes(from));
      writeFileSync(path, text.replace(from, to), 'latin1');
      assert.throws(() => readState(path), { name: 'InputError', message: /state.bin is damaged; delete it/ });
    }
  });

  it('readState() refuses sizes that do not fit, even under a right checksum', () => {
    forge((header) => header);
    assert.deepEqual(readState(path), state);
    const sizes = [
      [6, 5],
      [10, 0.5],
      [7.5, 2.5],
      [11, -1],
      [-5, 15],
      [1e308, 1e308],
      [2 ** 53, 5],
      ['5', 5],
      [null, 10],
      [undefined, 10],
    ];
    for (const [weights, adam] of sizes) {
      forge((header) => ({ ...header, weights, adam }));
      assert.throws(() => readState(path), { name: 'InputError', message: /is damaged/ }, `${weights}, ${adam}`);
    }
  });

  it('readState() refuses other things in the header, even under a right checksum', () => {
    const changes = [{ step: -1 }, { step: 1.5 }, { step: 'x' }, { history: {} }, { history: [{ epoch: 'x' }] }];
    for (const change of changes) {
      forge((header) => ({ ...header, ...change }));
      assert.throws(() => readState(path), { name: 'InputError', message: /is damaged/ }, JSON.stringify(change));
    }
    for (const header of [null, 7, []]) {
      forge(() => header);
      assert.throws(() => readState(path), { name: 'InputError', message: /is damaged/ }, JSON.stringify(header));
    }
  });
});
