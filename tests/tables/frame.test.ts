import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Cell, concat, DataFrame, merge, Series, type Statistic, tableOf } from '../../src/tables/tables.js';

interface Content {
  readonly columns: string[];
  readonly rows: (Cell | null)[][];
}

type Column = Record<string, Cell | null>;

/** What pandas makes of the same table, see scripts/golden_tables.py. */
const GOLDEN = JSON.parse(readFileSync('tests/golden/tables.json', 'utf8')) as {
  readonly [name in
    | 'table'
    | 'pairs'
    | 'right'
    | 'groupedByTwo'
    | 'groupedPairs'
    | 'size'
    | 'sortedByTwo'
    | 'query'
    | 'dropNa'
    | 'fillNa'
    | 'mergedPairs']: Content;
} & {
  readonly describe: Content & { readonly index: string[] };
  readonly transposed: Content & { readonly index: string[] };
  readonly figures: Record<Statistic | 'count', Column>;
  readonly grouped: Record<Statistic | 'count', Content>;
  readonly sorted: Record<'up' | 'down', Content>;
  readonly merged: Record<'inner' | 'left' | 'right' | 'outer', Content>;
  readonly count: Column;
  readonly unique: Column;
  readonly valueCounts: Column;
  readonly missing: Column;
};

function tableFrom({ columns, rows }: Content): DataFrame {
  return new DataFrame(
    rows.map((row) => row.map((value) => value ?? Number.NaN)),
    { columns },
  );
}

/** Equal in columns, and in values but for the last digits of numbers. */
function assertTable(actual: DataFrame, expected: Content): void {
  assert.deepEqual(actual.columns, expected.columns);
  assert.equal(actual.values.length, expected.rows.length);
  for (const [i, row] of actual.values.entries())
    for (const [c, value] of row.entries()) assertCell(value, expected.rows[i][c], `row ${i}, ${actual.columns[c]}`);
}

function assertColumn(actual: Series, expected: Column): void {
  assert.deepEqual(actual.index, Object.keys(expected));
  for (const [i, value] of actual.values.entries()) assertCell(value, expected[actual.index[i]], `${actual.index[i]}`);
}

function assertCell(value: Cell, expected: Cell | null, where: string): void {
  if (typeof expected !== 'number') assert.deepEqual(Number.isNaN(value) ? null : value, expected, where);
  else assert.ok(Math.abs((value as number) - expected) <= 1e-9, `${where}: ${value} instead of ${expected}`);
}

const TABLE = tableFrom(GOLDEN.table);
const RIGHT = tableFrom(GOLDEN.right);
const FIGURES = ['mean', 'median', 'std', 'min', 'max', 'sum', 'count'] as const;

describe('DataFrame, compared with pandas', () => {
  it('takes text that looks like a number for text', () => {
    assert.deepEqual(TABLE.dtypes, ['string', 'string', 'float32', 'int32', 'boolean']);
    assert.deepEqual(TABLE.describe().columns, ['rms', 'clips']);
    assert.deepEqual(new Set(TABLE.query((row) => row.speaker === '03').column('speaker').values), new Set(['03']));
  });

  it('describe()', () => {
    assertTable(TABLE.describe(), GOLDEN.describe);
    assert.deepEqual(TABLE.describe().index, GOLDEN.describe.index);
  });

  for (const figure of FIGURES)
    it(`${figure}() of all columns, and by groups`, () => {
      const numbers = TABLE.loc({ columns: ['rms', 'clips'] });
      assertColumn(numbers[figure](), GOLDEN.figures[figure]);
      for (const name of ['rms', 'clips'])
        assertCell(numbers.column(name)[figure](), GOLDEN.figures[figure][name], name);
      assertTable(TABLE.groupby('emotion').col(['rms', 'clips'])[figure](), GOLDEN.grouped[figure]);
    });

  it('var() of a column and by groups', () => {
    assertCell(TABLE.column('rms').var(), GOLDEN.figures.var.rms, 'rms');
    assertTable(TABLE.groupby('emotion').col(['rms', 'clips']).var(), GOLDEN.grouped.var);
  });

  it('groupby() of two columns, of keys that danfo confuses, and size()', () => {
    assertTable(TABLE.groupby(['emotion', 'speaker']).mean(), GOLDEN.groupedByTwo);
    assertTable(tableFrom(GOLDEN.pairs).groupby(['a', 'b']).sum(), GOLDEN.groupedPairs);
    assertTable(TABLE.groupby('speaker').size(), GOLDEN.size);
    assert.equal(TABLE.groupby('speaker').ngroups, GOLDEN.size.rows.length);
  });

  it('count(), nUnique(), isNa() and sum(), valueCounts()', () => {
    assertColumn(TABLE.count(), GOLDEN.count);
    assertColumn(TABLE.nUnique(), GOLDEN.unique);
    assertColumn(TABLE.isNa().sum(), GOLDEN.missing);
    const counts = TABLE.column('emotion').valueCounts();
    assert.deepEqual(counts.values, Object.values(GOLDEN.valueCounts));
    assert.deepEqual(Object.fromEntries(counts.values.map((n, i) => [counts.index[i], n])), GOLDEN.valueCounts);
    assert.equal(counts.name, 'count');
    assert.deepEqual(TABLE.valueCounts('emotion').columns, ['emotion', 'count']);
    assert.deepEqual(TABLE.valueCounts('emotion').column('count').values, counts.values);
  });

  it('sortValues(), with missing values last', () => {
    assertTable(TABLE.sortValues('rms'), GOLDEN.sorted.up);
    assertTable(TABLE.sortValues('rms', { ascending: false }), GOLDEN.sorted.down);
    assertTable(TABLE.sortValues(['speaker', 'clips']), GOLDEN.sortedByTwo);
  });

  it('query() by a function, and by conditions on columns', () => {
    const wanted = (row: Readonly<Record<string, Cell>>) =>
      (row.emotion === 'anger' && Number(row.rms) > 0) || row.speaker === '3';
    assertTable(TABLE.query(wanted), GOLDEN.query);
    const angry = TABLE.column('emotion').eq('anger').and(TABLE.column('rms').gt(0));
    assertTable(TABLE.query(angry.or(TABLE.column('speaker').isIn(['3']))), GOLDEN.query);
    assertTable(TABLE.loc({ rows: angry.or(TABLE.column('speaker').eq('3')) }), GOLDEN.query);
  });

  it('dropNa(), fillNa() and T', () => {
    assertTable(TABLE.dropNa(), GOLDEN.dropNa);
    assertTable(TABLE.dropNa({ columns: ['rms'] }), GOLDEN.dropNa);
    assert.equal(TABLE.dropNa({ columns: ['clips'] }).shape[0], TABLE.shape[0]);
    assertTable(TABLE.fillNa(0), GOLDEN.fillNa);
    assert.equal(
      TABLE.fillNa(0, { columns: ['clips'] })
        .column('rms')
        .isNa()
        .sum(),
      3,
    );
    const transposed = TABLE.loc({ columns: ['rms', 'clips'] }).head(3).T;
    assert.deepEqual(transposed.index, GOLDEN.transposed.index);
    assertTable(transposed, { ...GOLDEN.transposed, columns: GOLDEN.transposed.columns.map(String) });
  });

  for (const how of ['inner', 'left', 'right', 'outer'] as const)
    it(`merge(), ${how}`, () => {
      assertTable(TABLE.head(12).merge(RIGHT, { on: 'emotion', how }), GOLDEN.merged[how]);
    });

  it('merge() on two columns that danfo confuses', () => {
    const left = tableFrom(GOLDEN.pairs);
    assertTable(merge({ left, right: left.rename({ n: 'm' }), on: ['a', 'b'] }), GOLDEN.mergedPairs);
  });
});

describe('DataFrame', () => {
  const frame = tableOf([
    { speaker: '03', emotion: 'anger', count: 1 },
    { speaker: '08', emotion: 'fear', count: 2 },
    { speaker: '03', emotion: 'fear', count: 3 },
  ]);

  it('is made of rows, columns, or arrays', () => {
    const expected = [
      ['a', 1],
      ['b', 2],
    ];
    assert.deepEqual(new DataFrame({ x: ['a', 'b'], y: [1, 2] }).values, expected);
    assert.deepEqual(new DataFrame(expected, { columns: ['x', 'y'] }).values, expected);
    assert.deepEqual(
      new DataFrame([
        { x: 'a', y: 1 },
        { y: 2, x: 'b' },
      ]).values,
      expected,
    );
    assert.deepEqual(new DataFrame(expected, { index: ['one', 'two'] }).index, ['one', 'two']);
    assert.deepEqual(new DataFrame(expected).columns, ['0', '1']);
  });

  it('refuses rows and columns of unequal length', () => {
    assert.throws(() => new DataFrame({ x: [1, 2], y: [1] }), {
      name: 'RangeError',
      message: 'Cannot make a DataFrame: all columns must have as many values, current numbers are 2, 1',
    });
    assert.throws(() => new DataFrame([[1, 2], [3]]), /every row must have 2 values, current number is 1/);
  });

  it('has its columns as properties, but for those that would hide a method', () => {
    assert.deepEqual(frame.emotion.values, ['anger', 'fear', 'fear']);
    assert.deepEqual(frame.head(2).speaker.values, ['03', '08']);
    assertColumn(frame.count(), { speaker: 3, emotion: 3, count: 3 });
    assert.equal(frame.column('count').sum(), 6);
  });

  it('head(), tail(), sample() and iloc() take rows', () => {
    assert.deepEqual(frame.head(1).index, [0]);
    assert.deepEqual(frame.head().shape, [3, 3]);
    assert.deepEqual(frame.tail(2).index, [1, 2]);
    assert.deepEqual(frame.iloc([-1, 0]).index, [2, 0]);
    assert.throws(() => frame.iloc([3]), {
      name: 'RangeError',
      message: 'Cannot select: a row must be an integer from -3 to 2, current value is 3',
    });
    assert.deepEqual(TABLE.sample(5, { seed: 1 }).index, TABLE.sample(5, { seed: 1 }).index);
    assert.notDeepEqual(TABLE.sample(5, { seed: 1 }).index, TABLE.sample(5, { seed: 2 }).index);
    assert.equal(new Set(TABLE.sample(40).index).size, 40);
    assert.equal(frame.sample().shape[0], 3);
  });

  it('loc() takes rows by name, and columns in the order asked for', () => {
    const described = TABLE.describe().loc({ rows: ['max', 'min'], columns: ['clips'] });
    assert.deepEqual(described.index, ['max', 'min']);
    assert.deepEqual(frame.loc({ columns: ['count', 'emotion'] }).columns, ['count', 'emotion']);
    assert.throws(() => frame.loc({ rows: [7] }), /Cannot select: there is no row 7 in the index/);
  });

  it('info() tells of each column what it holds', () => {
    assert.deepEqual(TABLE.info().rows()[2], { column: 'rms', dtype: 'float32', present: 37, missing: 3, unique: 37 });
    assert.equal(TABLE.info().shape[0], 5);
  });

  it('addColumn() adds, or replaces, and changes nothing else', () => {
    const added = frame.addColumn('double', (row) => 2 * row.count);
    assert.deepEqual(added.double.values, [2, 4, 6]);
    assert.deepEqual(added.addColumn('double', frame.column('count').mul(3)).double.values, [3, 6, 9]);
    assert.deepEqual(added.addColumn('double', [1, 2, 3]).columns, added.columns);
    assert.deepEqual(frame.columns, ['speaker', 'emotion', 'count']);
    assert.throws(() => frame.addColumn('more', [1]), {
      name: 'RangeError',
      message: 'Cannot add more: there must be a value for each of the 3 rows, current number is 1',
    });
  });

  it('drop(), rename(), apply(), resetIndex() and concat()', () => {
    assert.deepEqual(frame.drop({ columns: 'count' }).columns, ['speaker', 'emotion']);
    assert.deepEqual(frame.rename({ count: 'clips' }).columns, ['speaker', 'emotion', 'clips']);
    assert.deepEqual(frame.apply((row) => `${row.speaker}-${row.emotion}`).values, ['03-anger', '08-fear', '03-fear']);
    assert.deepEqual(frame.tail(1).resetIndex().index, [0]);
    const both = concat([frame, frame.tail(1)]);
    assert.deepEqual(both.column('count').values, [1, 2, 3, 3]);
    assert.deepEqual(both.index, [0, 1, 2, 3]);
    assert.throws(
      () => concat([frame, frame.rename({ count: 'counts' }) as never]),
      /there is no column counts \(did you mean count\?\)/,
    );
    assert.throws(() => concat([]), /there must be at least one/);
  });

  it('setIndex() names the rows', () => {
    assert.deepEqual(frame.setIndex({ index: ['a', 'b', 'c'] }).loc({ rows: ['b'] }).values, [['08', 'fear', 2]]);
    assert.deepEqual(frame.setIndex({ column: 'count' }).index, ['1', '2', '3']);
    for (const [index, current] of [
      [['a'], '1, 1'],
      [['a', 'a', 'b'], '3, 2'],
    ] as const)
      assert.throws(() => frame.setIndex({ index }), {
        name: 'RangeError',
        message: `Cannot name the rows: there must be 3 names, all different, current number is ${current} of them different`,
      });
  });

  it('groupby() gives several figures at once, and single groups', () => {
    const groups = frame.groupby('emotion');
    const figures = groups.agg({ count: ['mean', 'max'], speaker: 'count' });
    assert.deepEqual(figures.columns, ['emotion', 'count_mean', 'count_max', 'speaker_count']);
    assert.deepEqual(figures.values, [
      ['anger', 1, 1, 1],
      ['fear', 2.5, 3, 2],
    ]);
    assert.deepEqual(groups.getGroup('fear').index, [1, 2]);
    assert.throws(() => groups.getGroup('joy'), {
      name: 'RangeError',
      message: "Cannot take a group: there is none for 'joy'; the groups are 'anger'; 'fear'",
    });
    assert.throws(
      () => groups.agg({ count: 'middle' as Statistic }),
      /a figure must be one of count, mean, .*, current value is middle/,
    );
    assert.throws(() => groups.col('speaker').mean(), {
      name: 'TypeError',
      message: 'Cannot aggregate: the column must hold numbers, speaker holds text',
    });
    assert.throws(
      () => frame.drop({ columns: 'count' }).groupby('emotion').mean(),
      /there must be a column of numbers/,
    );
  });

  it('refuses a column that is not there, in every place', () => {
    const message = /there is no column emoton \(did you mean emotion\?\); the columns are speaker, emotion, count/;
    for (const attempt of [
      () => frame.column('emoton'),
      () => frame.groupby('emoton'),
      () => frame.groupby('speaker').col('emoton'),
      () => frame.groupby('speaker').agg({ emoton: 'mean' }),
      () => frame.valueCounts('emoton'),
      () => frame.sortValues('emoton'),
      () => frame.loc({ columns: ['emoton'] }),
      () => frame.drop({ columns: ['emoton'] }),
      () => frame.rename({ emoton: 'x' }),
      () => frame.dropNa({ columns: ['emoton'] }),
      () => frame.fillNa(0, { columns: ['emoton'] }),
      () => frame.merge(frame, { on: 'emoton' }),
    ])
      assert.throws(attempt, (error) => error instanceof RangeError && message.test(error.message));
  });

  it('query() refuses text, other values than yes or no, and too few of them', () => {
    assert.throws(() => frame.query('count > 1'), {
      name: 'TypeError',
      message: /must be a function of a row, current value is the text 'count > 1'; write e\.g\. query\(\(row\) =>/,
    });
    assert.throws(
      () => frame.query(frame.column('count') as never),
      /must be true or false for each row, current value is 1/,
    );
    assert.throws(() => frame.query([true]), /must have a value for each of the 3 rows, current number is 1/);
    assert.deepEqual(frame.query(() => false).shape, [0, 3]);
    assert.deepEqual(frame.query(() => false).head().columns, frame.columns);
  });

  it('describe() refuses a table without numbers, and plot() draws nothing', () => {
    assert.throws(() => frame.loc({ columns: ['emotion'] }).describe(), {
      name: 'RangeError',
      message: /there must be a column of numbers, current columns are emotion \(text\); info\(\) tells/,
    });
    assert.throws(() => frame.plot(), { name: 'TypeError', message: /Cannot plot a DataFrame: .*boxFigure/ });
    assert.throws(() => frame.emotion.plot(), /Cannot plot a column/);
  });

  it('goes out as CSV, JSON and text', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    try {
      const text = new DataFrame({ x: ['a, b', 'c'], y: [1, Number.NaN] }).toCSV(join(folder, 'table.csv'));
      assert.equal(text, 'x,y\n"a, b",1\nc,\n');
      assert.equal(readFileSync(join(folder, 'table.csv'), 'utf8'), text);
    } finally {
      rmSync(folder, { recursive: true });
    }
    assert.equal(JSON.stringify(frame.head(1)), '[{"speaker":"03","emotion":"anger","count":1}]');
    assert.match(inspect(frame), /speaker.*\n.*\n.*03/);
    assert.match(inspect(frame.emotion), /anger/);
  });
});

describe('Series', () => {
  const speakers = new Series(['03', '08', '03'], { name: 'speaker' });
  const counts = new Series([1, 2, Number.NaN], { name: 'count' });

  it('compares with a value, with values, and with another column', () => {
    assert.deepEqual(speakers.eq('03').values, [true, false, true]);
    assert.deepEqual(speakers.ne('03').values, [false, true, false]);
    assert.deepEqual(speakers.gt('03').values, [false, true, false]);
    assert.deepEqual(counts.ge(2).values, [false, true, false]);
    assert.deepEqual(counts.lt([2, 2, 2]).values, [true, false, false]);
    assert.deepEqual(counts.le(counts).values, [true, true, false]);
    assert.deepEqual(counts.ne(1).values, [false, true, true]);
    assert.deepEqual(speakers.isIn(['08', '10']).values, [false, true, false]);
  });

  it('refuses to compare what never is equal', () => {
    assert.throws(() => (speakers as Series).eq(3), {
      name: 'TypeError',
      message: "Cannot compare: speaker holds text such as '03', current value is 3",
    });
    assert.throws(() => (counts as Series).isIn(['1']), /count holds numbers such as 1, current value is '1'$/);
    assert.throws(() => counts.gt([1, 2]), /must have one value for each of the 3 rows, current number is 2/);
  });

  it('combines conditions, and nothing else', () => {
    const yes = speakers.eq('03');
    assert.deepEqual(yes.and([true, true, false]).values, [true, false, false]);
    assert.deepEqual(yes.or(yes.not()).values, [true, true, true]);
    assert.equal(yes.sum(), 2);
    assert.throws(() => speakers.and(yes), /each value must be true or false, speaker holds text/);
    assert.throws(() => yes.and(counts as never), /each value must be true or false/);
  });

  it('calculates with numbers alone', () => {
    assert.deepEqual(counts.add(1).values, [2, 3, Number.NaN]);
    assert.deepEqual(counts.sub(counts).values, [0, 0, Number.NaN]);
    assert.deepEqual(counts.mul([2, 3, 4]).values, [2, 6, Number.NaN]);
    assert.deepEqual(counts.div(3).round(2).values, [0.33, 0.67, Number.NaN]);
    assert.equal(counts.quantile(0.5), 1.5);
    assert.throws(() => speakers.mean(), {
      name: 'TypeError',
      message: 'Cannot average: the column must hold numbers, speaker holds text',
    });
    assert.throws(() => (speakers as Series).add(1), /Cannot add: the column must hold numbers, speaker holds text/);
  });

  it('has first, last, sorted, different and present values', () => {
    assert.deepEqual(speakers.head(1).values, ['03']);
    assert.deepEqual(speakers.tail(2).index, [1, 2]);
    assert.deepEqual(speakers.unique().values, ['03', '08']);
    assert.equal(speakers.nUnique(), 2);
    assert.deepEqual(counts.sortValues({ ascending: false }).values, [2, 1, Number.NaN]);
    assert.deepEqual(counts.dropNa().values, [1, 2]);
    assert.deepEqual(counts.fillNa(0).values, [1, 2, 0]);
    assert.equal(counts.count(), 2);
    assert.deepEqual(speakers.apply((value) => value.length).values, [2, 2, 2]);
    assert.equal(speakers.name, 'speaker');
    assert.equal(speakers.length, 3);
  });
});
