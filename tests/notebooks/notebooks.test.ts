import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A script of the kernel's, which has no types. */
const { completePath } = require('../../scripts/import-paths.cjs') as {
  completePath(
    source: string,
    position: number,
  ): { readonly start: number; readonly end: number; readonly candidates: string[] } | undefined;
};

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, 'notebooks');
const NAMES = readdirSync(FOLDER).filter((name) => /^0\d-.*\.ipynb$/.test(name));

interface Cell {
  readonly cell_type: 'markdown' | 'code';
  readonly source: string | readonly string[];
  readonly outputs?: readonly unknown[];
}

interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: object;
}

function read(name: string): Notebook {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}

function notebooks(...args: string[]) {
  const command = ['--require', 'tsx/cjs', 'scripts/notebooks.ts', ...args];
  return spawnSync(process.execPath, command, { cwd: ROOT, encoding: 'utf8' });
}

/** A notebook of these code cells beside the others, which is removed afterwards. */
function withNotebook(sources: readonly string[], action: (name: string) => void): void {
  const name = '99-of-a-test.ipynb';
  const { metadata } = read(NAMES[0]);
  const cells = sources.map((source, i) => ({
    cell_type: 'code',
    execution_count: null,
    id: `cell-${i}`,
    metadata: {},
    outputs: [],
    source: source.split(/(?<=\n)/),
  }));
  writeFileSync(
    join(FOLDER, name),
    `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1)}\n`,
  );
  try {
    action(name);
  } finally {
    rmSync(join(FOLDER, name));
  }
}

describe('notebooks', () => {
  for (const name of NAMES)
    describe(name, () => {
      const { cells } = read(name);
      const lines = (cell: Cell) => [cell.source].flat().join('').split('\n');

      it('has prose before each code cell', () => {
        for (const [i, cell] of cells.entries())
          if (cell.cell_type === 'code') assert.equal(cells[i - 1]?.cell_type, 'markdown', `cell ${i}`);
      });

      it('has cells of at most 15 lines, which a page is wide enough for', () => {
        for (const cell of cells.filter(({ cell_type }) => cell_type === 'code')) {
          assert.ok(lines(cell).length <= 15, lines(cell).join('\n'));
          for (const line of lines(cell)) assert.ok(line.length <= 96, line);
        }
      });

      it('is stored with its outputs, below 1 MB', () => {
        for (const cell of cells.filter(({ cell_type }) => cell_type === 'code'))
          assert.ok(cell.outputs!.length > 0, lines(cell).join('\n'));
        assert.ok(statSync(join(FOLDER, name)).size < 1e6);
      });
    });
});

describe('npm run notebooks', function () {
  // The first time, JupyterLab is installed, and the networks of notebooks 6 and 7 are trained.
  this.timeout(1_800_000);

  it('--check runs all notebooks without errors and writes nothing', function () {
    // In tslab's kernel, and nowhere else, the run after a training of compact fails without a word while features are read, so
    // that notebook 7 needs three executions the first time; the cause is not known yet. What is trained is kept.
    this.retries(2);
    const before = NAMES.map((name) => readFileSync(join(FOLDER, name), 'utf8'));
    const { status, stderr } = notebooks('--check', ...NAMES);
    assert.equal(status, 0, stderr);
    assert.deepEqual(
      NAMES.map((name) => readFileSync(join(FOLDER, name), 'utf8')),
      before,
    );
  });

  it('writes outputs, and the same ones when run again', () => {
    withNotebook(["import { show } from './src/pages/show.js';\nconsole.log('hello');"], (name) => {
      assert.match(notebooks('99').stdout, /99-of-a-test\.ipynb: .* written/);
      assert.deepEqual(read(name).cells[0].outputs, [{ name: 'stdout', output_type: 'stream', text: ['hello\n'] }]);
      assert.match(notebooks('99').stdout, /unchanged/);
    });
  });

  it('stores pictures, unless a figure asks to be interactive, and the last state of a changing one', () => {
    const source = [
      "import { classBalanceFigure } from './src/plots/figures.js';",
      "import { show, showLine, showLive } from './src/pages/show.js';",
      "const figure = (n: number) => classBalanceFigure({ all: Array(n).fill({ emotion: 'anger' }) });",
      'await show(figure(1));',
      "await show(figure(1), { as: 'interactive' });",
      "const update = showLive({ as: 'interactive' });",
      'const says = showLine();',
      'for (const n of [1, 2]) await update(figure(n));',
      "for (const line of ['one', 'two']) says(line);",
    ];
    withNotebook([source.join('\n')], (name) => {
      const { status, stderr } = notebooks('99');
      assert.equal(status, 0, stderr);
      const plotly = 'application/vnd.plotly.v1+json';
      const outputs = read(name).cells[0].outputs as {
        data: { [plotly]: { data: { x: number[] }[] }; 'text/plain': string | string[] };
      }[];
      assert.deepEqual(
        outputs.map(({ data }) => Object.keys(data)),
        [['image/png'], [plotly], [plotly], ['text/plain']],
      );
      assert.deepEqual(outputs[2].data[plotly].data[0].x, [2]);
      assert.equal([outputs[3].data['text/plain']].flat().join(''), 'two');
    });
  });

  it("goes on where a package's folder changes while the kernel lives", () => {
    const file = 'node_modules/of-a-test.txt';
    const change = (call: string) => `${call}\nawait new Promise((resolve) => setTimeout(resolve, 500));`;
    const sources = [
      "import { rmSync, writeFileSync } from 'node:fs';\nimport { RUN_DEFAULTS } from './src/run/config.js';",
      change(`writeFileSync('${file}', '');`),
      change(`rmSync('${file}');`),
      'console.log(RUN_DEFAULTS.seed);',
    ];
    withNotebook(sources, () => {
      const { status, stderr } = notebooks('99', '--check');
      assert.equal(status, 0, stderr);
    });
  });

  it('takes a changed module anew, and what imports it, without a restart of the kernel', () => {
    const folder = '.cache/of-a-test';
    const write = (value: string) => `writeFileSync('${folder}/leaf.ts', "export const leaf = () => '${value}';\\n");`;
    const use = `import { middle } from './${folder}/middle.js';\nconsole.log(middle());`;
    const first = [
      "import { mkdirSync, writeFileSync } from 'node:fs';",
      `mkdirSync('${folder}', { recursive: true });`,
      write('before'),
      `writeFileSync('${folder}/middle.ts', "import { leaf } from './leaf.js';\\nexport const middle = () => leaf();\\n");`,
    ];
    const change = `${write('after')}\nawait new Promise((resolve) => setTimeout(resolve, 1000));`;
    try {
      withNotebook([first.join('\n'), use, change, use], (name) => {
        const { status, stderr } = notebooks('99');
        assert.equal(status, 0, stderr);
        const texts = read(name).cells.map(({ outputs }) => (outputs as { text: string[] }[])[0]?.text);
        assert.deepEqual(texts, [undefined, ['before\n'], undefined, ['after\n']]);
      });
    } finally {
      rmSync(join(ROOT, folder), { recursive: true, force: true });
    }
  });

  it('knows the variables of earlier cells in every place', () => {
    const use = [
      'const twice = ({ seed }: { seed: number }) => 2 * seed;',
      'const own = 1;',
      'console.log([twice({ seed }), { own, seed }.seed, [seed].map((n) => ({ n, seed }))[0].seed].join());',
    ];
    withNotebook(['const seed = 21;', use.join('\n')], (name) => {
      const { status, stderr } = notebooks('99');
      assert.equal(status, 0, stderr);
      assert.deepEqual(read(name).cells[1].outputs, [{ name: 'stdout', output_type: 'stream', text: ['42,21,21\n'] }]);
    });
  });

  const failures: [what: string, source: string, message: RegExp][] = [
    ['a failing cell', "console.log('as far as here');\nthrow new Error('no way');", /code cell 2: failed\n.*no way/s],
    ['a type error', "const wrong: number = 'text';", /code cell 2: failed\n.*not assignable to type 'number'/],
    ['text on standard error', "console.error('watch out');", /code cell 2: printed to standard error.*watch out/s],
    ['a kernel that ends', 'process.exit(3);', /the kernel/],
    ["a path of this machine's", 'console.log(process.cwd());', /holds the path of this checkout/],
  ];
  for (const [what, source, message] of failures)
    it(`refuses ${what}`, () => {
      withNotebook(['const fine = 1;', source], (name) => {
        const before = readFileSync(join(FOLDER, name), 'utf8');
        const { status, stderr } = notebooks('99');
        assert.equal(status, 1);
        assert.match(stderr, message);
        assert.match(stderr, /99-of-a-test\.ipynb/);
        assert.equal(readFileSync(join(FOLDER, name), 'utf8'), before);
      });
    });

  it('shows a table that is the last line of a cell, and a column', () => {
    const first =
      "import { tableOf } from './src/tables/tables.js';\nconst table = tableOf([{ a: '03' }]);\ntable.head()";
    withNotebook([first, 'table.a.valueCounts()'], (name) => {
      const { status, stderr } = notebooks('99');
      assert.equal(status, 0, stderr);
      const texts = read(name).cells.map(({ outputs }) => {
        const [{ data }] = outputs as { data: { 'text/html': string | string[] } }[];
        return [data['text/html']].flat().join('');
      });
      assert.match(texts[0], /<th[^>]*>a<.*<td[^>]*>03</s);
      assert.match(texts[1], /<th[^>]*>count<.*<td[^>]*>03<\/td><td[^>]*>1</s);
    });
  });

  it("says of an error its message, the cell's line, and where in src it was thrown", () => {
    const sources = [
      "import { tableOf } from './src/tables/tables.js';\nconst table = tableOf([{ emotion: 'fear' }]);",
      'type Name = string;\nconst grouped = (name: Name) => table.groupby(name);',
      "// by a misspelt column\ngrouped('emoton').size();",
    ];
    withNotebook(sources, () => {
      const { stderr } = notebooks('99');
      const [, said] = stderr.split('code cell 3: failed\n');
      assert.match(
        said,
        /^RangeError: Cannot group: .*\n {4}cell \[2\], line 2: const grouped = .*\n {4}thrown in src\/tables\/frame\.ts, line \d+\n$/,
      );
      const [, line] = /frame\.ts, line (\d+)/.exec(said)!;
      const source = readFileSync(join(ROOT, 'src/tables/frame.ts'), 'utf8').split('\n');
      assert.match(source[Number(line) - 1], /throw new RangeError/);
    });
    withNotebook(["const fine = '1';\nconst wrong: number = fine;"], () => {
      assert.match(notebooks('99').stderr, /2:7 - Type 'string' .*\n {4}line 2: const wrong: number = fine;/);
    });
  });

  it('refuses the name of a notebook that is not there', () => {
    const { status, stderr } = notebooks('77');
    assert.equal(status, 2);
    assert.match(stderr, /There is no notebook 77; there are 01-load\.ipynb/);
  });
});

describe('completePath()', () => {
  const complete = (source: string) => completePath(source, source.length);

  it('goes on with folders, and with modules as they are imported', () => {
    assert.deepEqual(complete("import { x } from './src/tab")?.candidates, ['tables/']);
    assert.deepEqual(complete("import { x } from './src/tables/fr")?.candidates, ['frame.js']);
    assert.deepEqual(complete("const x = await import('./src/tables/fr")?.candidates, ['frame.js']);
    assert.ok(complete('import "./')?.candidates.includes('src/'));
  });

  it('replaces what is after the last slash', () => {
    const source = "const a = 1;\nimport { x } from './src/tab";
    assert.deepEqual(complete(source), { start: source.length - 3, end: source.length, candidates: ['tables/'] });
  });

  it('knows nothing of folders that are not there, packages and other text', () => {
    assert.deepEqual(complete("import { x } from './none/")?.candidates, []);
    for (const source of ["import { x } from 'node", "const path = './src", 'clips.he'])
      assert.equal(complete(source), undefined);
  });
});
