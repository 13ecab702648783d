import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KERNEL, NOTEBOOKS, prepareJupyter, ROOT, runPython } from '../../scripts/jupyter.js';
import { HAS_SIGNALS } from '../setup/system.js';

/** What is published while a request is carried out. */
interface Published {
  readonly type: string;
  readonly name?: string;
  readonly text?: string;
  readonly execution_state?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

interface Exchange {
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly published: readonly Published[];
}

/** What kernel_client.py prints. */
type Results = Readonly<Record<string, Exchange>> & {
  readonly specs: Readonly<
    Record<string, { readonly resource_dir: string; readonly spec: { readonly argv: string[] } }>
  >;
  readonly exitCode: number;
};

describe('the kernel, as the Jupyter extension of VS Code speaks with it', function () {
  this.timeout(600_000);
  let results: Results;

  before(async function () {
    if (!HAS_SIGNALS) this.skip();
    await prepareJupyter();
    let text = '';
    const client = [join(__dirname, 'kernel_client.py'), KERNEL, NOTEBOOKS];
    const onLine = (line: string) => {
      text += line;
    };
    assert.equal(await runPython(client, { onLine, env: { JUPYTER_RUNTIME_DIR: tmpdir() } }), 0);
    results = JSON.parse(text);
  });

  /** All that went to standard output, or error. */
  const printed = ({ published }: Exchange, name = 'stdout') =>
    published.flatMap((each) => (each.type === 'stream' && each.name === name ? each.text : [])).join('');
  const shown = ({ published }: Exchange) => published.flatMap(({ data }) => (data ? Object.entries(data) : []));

  it('is found in .venv, where the Python extension finds an environment', () => {
    const { resource_dir, spec } = results.specs[KERNEL];
    assert.equal(resource_dir, join(ROOT, '.venv/share/jupyter/kernels', KERNEL));
    assert.deepEqual(spec.argv, [process.execPath, join(ROOT, 'scripts/kernel.cjs'), '{connection_file}']);
    assert.deepEqual(JSON.parse(readFileSync(join(resource_dir, 'kernel.json'), 'utf8')).argv, spec.argv);
  });

  it('says what it is, and is busy and idle again with each request', () => {
    const { type, content } = results.info;
    assert.equal(type, 'kernel_info_reply');
    assert.equal((content.language_info as { name: string }).name, 'typescript');
    const { specs: _, exitCode: __, ...exchanges } = results;
    for (const { published } of Object.values(exchanges)) {
      const states = published.flatMap(({ execution_state }) => execution_state ?? []);
      assert.deepEqual(states, ['busy', 'idle']);
      assert.equal(published.at(-1)?.execution_state, 'idle');
    }
  });

  it("prints, and works in the project's root though it is started in the notebook's folder", () => {
    assert.deepEqual(results.text.content, { status: 'ok', execution_count: 1 });
    assert.equal(printed(results.text), `42 ${ROOT}\n`);
  });

  it('shows figures as Plotly reads them and as PNG, and tables as HTML', () => {
    const [[plotly, figure], [png, picture]] = shown(results.figure);
    assert.equal(plotly, 'application/vnd.plotly.v1+json');
    assert.deepEqual((figure as { data: object[] }).data, [{ y: [1, 3, 2] }]);
    assert.equal(png, 'image/png');
    assert.ok(
      Buffer.from(picture as string, 'base64')
        .subarray(1, 4)
        .equals(Buffer.from('PNG')),
    );
    const [[html, table]] = shown(results.table);
    assert.equal(html, 'text/html');
    assert.match(table as string, /<table>.*anger.*127/s);
  });

  it('says what went wrong in a cell, and in which line', () => {
    assert.equal(results.error.content.status, 'error');
    assert.match(printed(results.error, 'stderr'), /^Error: as expected\n +cell \[4\], line 1/);
  });

  it('completes names, and knows when a cell goes on', () => {
    assert.deepEqual(results.complete.content.matches, ['answer']);
    assert.equal(results.incomplete.content.status, 'incomplete');
  });

  it('is interrupted by a signal, keeps its variables, and ends when it is told to', () => {
    assert.notEqual(results.interrupted.content.status, 'ok');
    assert.equal(printed(results.after), '43\n');
    assert.equal(results.exitCode, 0);
  });
});
