import assert from 'node:assert/strict';
import { textTable } from '../../src/common/text-table.js';

/** Length of each line as a terminal shows it. */
const widths = (table: string) => new Set(table.split('\n').map((line) => line.normalize('NFC').length));

describe('textTable()', () => {
  it('draws a line below the heading, and puts numbers on the right', () => {
    assert.equal(
      textTable(
        ['name', 'n'],
        [
          ['a', 1],
          ['bcdefg', 1000],
        ],
      ),
      [
        '┌────────┬──────┐',
        '│ name   │    n │',
        '├────────┼──────┤',
        '│ a      │    1 │',
        '│ bcdefg │ 1000 │',
        '└────────┴──────┘',
      ].join('\n'),
    );
  });

  it('takes no longer for each row where there are many', () => {
    const begun = performance.now();
    const rows = Array.from({ length: 100 }, (_, i) => [`recording ${i}`, 'anger', '10.0 %', '20.0 %', '70.0 %', i]);
    assert.equal(textTable(['recording', 'emotion', 'a', 'b', 'c', 'n'], rows).split('\n').length, 104);
    assert.ok(performance.now() - begun < 2000);
  });

  it('needs neither rows nor a heading', () => {
    assert.equal(textTable(['name'], []).split('\n').length, 3);
    assert.equal(textTable([], [['a', 1]]).split('\n').length, 3);
  });

  it('stays aligned with umlauts in both forms and with line breaks', () => {
    const name = 'Gefühl';
    const table = textTable(
      ['name', 'what'],
      [
        [name.normalize('NFC'), 'x'],
        [name.normalize('NFD'), 'y'],
        ['a\nb', 'z'],
      ],
    );
    assert.equal(table.split('\n').length, 7);
    assert.equal(widths(table).size, 1);
    assert.match(table, /a b +│ z/);
  });

  it('has no colours', () => {
    assert.ok(!textTable(['a'], [['b']]).includes(String.fromCharCode(27)));
  });

  it('gives blocks of lines where the terminal is narrower', () => {
    const rows = [
      ['a/long/name.wav', 'anger', '91.5 %'],
      ['b.wav', 'fear', '3.0 %'],
    ];
    const head = ['recording', 'emotion', 'anger'];
    assert.equal(textTable(head, rows, 60), textTable(head, rows));
    assert.equal(
      textTable(head, rows, 30),
      ['a/long/name.wav', '  emotion: anger', '  anger: 91.5 %', 'b.wav', '  emotion: fear', '  anger: 3.0 %'].join(
        '\n',
      ),
    );
  });

  it('shows colours in names as codes', () => {
    assert.match(textTable(['a'], [['\u001b[31mred']]), /│ \\u001b\[31mred │/);
  });
});
