import assert from 'node:assert/strict';
import { count, duration, percent, points, withCommas } from '../../src/common/text.js';

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
});
