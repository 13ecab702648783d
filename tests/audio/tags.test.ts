import assert from 'node:assert/strict';
import { type ByteSource, memorySource } from '../../src/audio/source.js';
import { afterTags, beforeTags, tagBytes } from '../../src/audio/tags.js';

/** All of a source. */
const text = (source: ByteSource) => Buffer.from(source.read(0, source.size)).toString('latin1');
const sourceOf = (...parts: (string | Uint8Array)[]) =>
  memorySource(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));

describe('tagBytes()', () => {
  const tag = (flags: number, ...size: number[]) => Buffer.from([...Buffer.from('ID3'), 4, 0, flags, ...size]);

  it('adds up the size, seven bits a byte, and the head', () => {
    assert.equal(tagBytes(tag(0, 1, 2, 3, 4)), 10 + 2 ** 21 + 2 * 2 ** 14 + 3 * 2 ** 7 + 4);
    assert.equal(tagBytes(tag(0, 0x7f, 0x7f, 0x7f, 0x7f)), 10 + 2 ** 28 - 1);
    assert.equal(tagBytes(tag(0, 0x80, 0x80, 0x80, 0x85)), 15);
  });

  it('counts a footer', () => {
    assert.equal(tagBytes(tag(0x10, 0, 0, 0, 5)), 25);
    assert.equal(tagBytes(tag(0xef, 0, 0, 0, 5)), 15);
  });

  it('is 0 where there is no tag, or not all of its head', () => {
    assert.equal(tagBytes(Buffer.from('fLaC and more of it')), 0);
    assert.equal(tagBytes(tag(0, 0, 0, 0)), 0);
    assert.equal(tagBytes(new Uint8Array()), 0);
  });
});

describe('afterTags()', () => {
  const tag = (bytes: number) => Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0'), Buffer.alloc(1 + bytes, bytes)]);

  it('passes over one tag and over several', () => {
    assert.equal(text(afterTags(sourceOf(tag(5), 'RIFF'))), 'RIFF');
    assert.equal(text(afterTags(sourceOf(tag(5), tag(0), tag(7), 'RIFF'))), 'RIFF');
    const plain = sourceOf('RIFF');
    assert.equal(afterTags(plain), plain);
  });

  it('ends where the file does, and after sixteen tags', () => {
    assert.equal(text(afterTags(sourceOf(tag(5).subarray(0, 12)))), '');
    const many = Buffer.concat(new Array(17).fill(tag(0)));
    assert.equal(afterTags(memorySource(many)).size, 10);
  });
});

describe('beforeTags()', () => {
  const id3v1 = Buffer.alloc(128).fill('TAG', 0, 3);
  const ape = (head: boolean) => {
    const foot = Buffer.alloc(32).fill('APETAGEX', 0, 8);
    foot.writeUInt32LE(2000, 8);
    foot.writeUInt32LE(20 + 32, 12);
    foot.writeUInt32LE(head ? 0x80000000 : 0, 20);
    return Buffer.concat([Buffer.alloc(head ? 32 : 0), Buffer.alloc(20), foot]);
  };

  it('leaves out an ID3v1 tag and an APE tag', () => {
    for (const tags of [[], [id3v1], [ape(true)], [ape(false)], [ape(true), id3v1]])
      assert.equal(text(beforeTags(sourceOf('frames', ...tags))), 'frames');
    const short = sourceOf('frames');
    assert.equal(beforeTags(short), short);
  });

  it('leaves out no more than there is', () => {
    const foot = ape(false).subarray(20);
    foot.writeUInt32LE(0x7fffffff, 12);
    assert.equal(beforeTags(sourceOf('frames', foot)).size, 0);
  });
});
