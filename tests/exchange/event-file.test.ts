import assert from 'node:assert/strict';
import { eventFile, type LogEvent } from '../../src/exchange/event-file.js';
import golden from '../golden/tensorboard.json';

describe('eventFile()', () => {
  it('writes the bytes that TensorBoard writes', () => {
    const png = Buffer.from(golden.png, 'base64');
    const hyperparameters = { a: 'x', b: 0.25, c: true, d: false, e: 0, f: '' };
    const events: LogEvent[] = [
      { seconds: 1000.5, step: 0, summary: { hyperparameters, seconds: 1000.5 } },
      { seconds: 1001.25, step: 1, summary: { tag: 'loss', scalar: 0.5 } },
      { seconds: 1002, step: 300, summary: { tag: 'loss', scalar: Number.NaN } },
      { seconds: 1003, step: 2, summary: { tag: 'picture', png, width: 7, height: 300 } },
      { seconds: 1004, step: 0, summary: { tag: 'words', markdown: '# Ünïcode\n\n| a |\n' } },
      { seconds: 1005, step: 0, summary: { endedAt: 1005 } },
    ];
    const bytes = Buffer.from(eventFile(events));
    // The first record says what kind of file it is.
    const first = bytes.readUInt32LE(0) + 16;
    assert.match(bytes.toString('latin1', 12, first), /brain\.Event:2/);
    assert.equal(bytes.readDoubleLE(13), 1000.5);
    assert.equal(bytes.subarray(first).toString('base64'), golden.events);
  });
});
