import assert from 'node:assert/strict';
import { tableHtml } from '../../src/pages/table.js';
import { tableOf } from '../../src/tables/tables.js';

/** Texts of the cells, row by row, the heading first. */
function cells(html: string): string[][] {
  return [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, text]) => text),
  );
}

describe('tableHtml()', () => {
  const rows = [
    { name: 'a', share: 0.12345, clips: 3 },
    { name: '<b>', share: 1, clips: 4 },
  ];

  it('shows rows and frames alike: rounded, escaped', () => {
    const expected = [
      ['name', 'share', 'clips'],
      ['a', '0.123', '3'],
      ['&lt;b&gt;', '1', '4'],
    ];
    assert.deepEqual(cells(tableHtml(rows)), expected);
    assert.deepEqual(cells(tableHtml(tableOf(rows))), expected);
  });

  it('puts numbers on the right, and text on the left', () => {
    assert.match(tableHtml(rows), /<th style="text-align:left">name<.*<th style="text-align:right">share</);
  });

  it('shows the names of rows where they have some', () => {
    const described = cells(tableHtml(tableOf(rows).describe()));
    assert.deepEqual(described[0], ['', 'share', 'clips']);
    assert.equal(described[1][0], 'count');
  });

  it('shows small numbers by their digits, not as zero', () => {
    assert.deepEqual(cells(tableHtml([{ x: 0.00012345 }, { x: 0 }])).flat(), ['x', '0.000123', '0']);
  });

  it('shows the first rows, and says how many there are', () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ i }));
    assert.equal(cells(tableHtml(many)).length, 11);
    assert.match(tableHtml(many), /10 of 12 rows/);
    assert.doesNotMatch(tableHtml(many, { rows: 12 }), / of /);
  });

  it('leaves cells empty that a row does not have', () => {
    assert.deepEqual(cells(tableHtml([{ a: 1 }, { b: 'x' }])), [
      ['a', 'b'],
      ['1', ''],
      ['', 'x'],
    ]);
  });

  it('refuses senseless options', () => {
    assert.throws(() => tableHtml(rows, { rows: 0 }), {
      name: 'RangeError',
      message: 'Cannot show a table: rows must be an integer from 1, current value is 0',
    });
    assert.throws(() => tableHtml(rows, { digits: 21 }), RangeError);
  });
});
