import assert from 'node:assert/strict';
import { secondsOf } from '../../src/corpora/times.js';

describe('secondsOf()', () => {
  // As pandas.Timedelta(text).total_seconds() says, 2.3.3; '1.5', '1,5' and '7 s' are seconds.
  const times: [text: string, seconds: number][] = [
    ['1.5', 1.5],
    ['0', 0],
    ['1,5', 1.5],
    ['7 s', 7],
    ['1e-1', 0.1],
    ['0 days 00:00:01.500000', 1.5],
    ['0 days 00:00:01.500000001', 1.500000001],
    ['0 days', 0],
    ['1 days 02:03:04', 93784],
    ['00:01:00.25', 60.25],
    ['01:30', 90],
  ];
  for (const [text, seconds] of times) it(`reads ${text}`, () => assert.equal(secondsOf(text), seconds));

  for (const text of ['', ' ', 'soon', '-1', '-1 days +23:59:59', '1:2:3:4', 'Infinity', '0x10', '1.5.2'])
    it(`gives NaN for ${JSON.stringify(text)}`, () => assert.ok(Number.isNaN(secondsOf(text))));
});
