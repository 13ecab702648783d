import assert from 'node:assert/strict';
import { bytesOfSize, count, duration, percent, points, size, withCommas } from '../../src/common/text.js';

describe('text', () => {
  it('percent() rounds to one digit, or to as many as asked for', () => {
    assert.equal(percent(0.4567), '45.7 %');
    assert.equal(percent(1), '100.0 %');
    assert.equal(percent(0.4567, { digits: 0 }), '46 %');
  });

  it('percent() leaves out zeros at the end if asked to', () => {
    assert.equal(percent(0.1, { digits: 2 }), '10.00 %');
    assert.equal(percent(0.1, { digits: 2, zeros: false }), '10 %');
    assert.equal(percent(0.0125, { digits: 2, zeros: false }), '1.25 %');
    assert.equal(percent(0, { digits: 2, zeros: false }), '0 %');
  });

  it('duration() writes seconds, minutes or hours', () => {
    assert.equal(duration(0), '0 s');
    assert.equal(duration(59.4), '59 s');
    assert.equal(duration(125), '2 min 05 s');
    assert.equal(duration(3599.4), '59 min 59 s');
    assert.equal(duration(3900), '1 h 05 min');
    assert.equal(duration(Number.NaN), '?');
    assert.equal(duration(Number.POSITIVE_INFINITY), '?');
  });

  it('duration() writes parts of a second if asked to, and never 60 seconds', () => {
    assert.equal(duration(1.25, 2), '1.25 s');
    assert.equal(duration(59.6), '1 min 00 s');
    assert.equal(duration(59.6, 1), '59.6 s');
    assert.equal(duration(59.96, 1), '1 min 00 s');
    assert.equal(duration(3599.6), '1 h 00 min');
  });

  it('points() writes a difference of shares, and nothing without a sign', () => {
    assert.deepEqual([0.0449, -0.003, 0, -0.0004, 1].map(points), ['4.5', '-0.3', '0.0', '0.0', '100.0']);
  });

  it('withCommas() puts commas between thousands', () => {
    assert.equal(withCommas(999), '999');
    assert.equal(withCommas(1_234_567), '1,234,567');
    assert.equal(withCommas(11_025.5), '11,025.5');
  });

  it('count() takes the word that goes with the number', () => {
    assert.equal(count(1, 'clip'), '1 clip');
    assert.equal(count(0, 'clip'), '0 clips');
    assert.equal(count(1234, 'class', 'classes'), '1,234 classes');
  });

  it('size() writes bytes with three digits or so, and a unit', () => {
    const sizes = [0, 999, 1000, 45_230, 999_949, 1.5e6, 123.4e6, 4e9, 2.5e12, 1.2345e16];
    assert.deepEqual(sizes.map(size), [
      '0 B',
      '999 B',
      '1.0 kB',
      '45.2 kB',
      '1,000 kB',
      '1.5 MB',
      '123 MB',
      '4.0 GB',
      '2.5 TB',
      '12,345 TB',
    ]);
  });

  it('bytesOfSize() reads sizes, decimal and binary, and nothing else', () => {
    const sizes: [text: string, bytes: number | undefined][] = [
      ...(['20GB', '20 GB', '20gb', ' 20GB '] as const).map((text): [string, number] => [text, 20e9]),
      ['512 MiB', 512 * 2 ** 20],
      ['1.5TB', 1.5e12],
      ['1.5kB', 1500],
      ['2KiB', 2048],
      ['7B', 7],
      ['0B', 0],
      ...['', '20', 'GB', '-1GB', '1,5GB', '1e3MB', '20 G', '3iB', '5PB', 'none', '.5GB', '1GBs', 'x1GB'].map(
        (text): [string, undefined] => [text, undefined],
      ),
    ];
    for (const [text, bytes] of sizes) assert.equal(bytesOfSize(text), bytes, text);
  });
});
