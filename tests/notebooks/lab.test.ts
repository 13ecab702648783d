import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../setup/chromium.js';
import { HAS_SIGNALS } from '../setup/system.js';

const ROOT = join(__dirname, '../..');
/** It shows every kind of figure: curves and heat maps, alone and side by side. */
const NAME = '02-spectrogram.ipynb';
const ERRORS = '[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type="application/vnd.jupyter.error"]';

/** Figures in the notebook as it is stored, where each is a picture. */
function storedFigures(): number {
  const { cells } = JSON.parse(readFileSync(join(ROOT, 'notebooks', NAME), 'utf8')) as {
    cells: { outputs?: { data?: object }[] }[];
  };
  return cells.flatMap(({ outputs = [] }) => outputs).filter(({ data = {} }) => 'image/png' in data).length;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts `npm run lab` on a folder outside the project, and waits until it answers. */
async function startLab(folder: string, port: number): Promise<ChildProcess> {
  const root = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const settings = [`--ServerApp.root_dir=${folder}`, `--port=${port}`, '--IdentityProvider.token=test'];
  const command = ['--require', 'tsx/cjs', 'scripts/lab.ts', '--no-browser', '--ip=127.0.0.1', ...settings, ...root];
  const lab = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  let said = '';
  lab.stderr!.on('data', (text) => {
    said += text;
  });
  for (;;) {
    if (lab.exitCode !== null) throw new Error(`JupyterLab ended:\n${said}`);
    const answer = await fetch(`http://127.0.0.1:${port}/api?token=test`).catch(() => undefined);
    if (answer?.ok) return lab;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Opens a notebook, ready to run. */
async function open(browser: Browser, port: number, name: string): Promise<Page> {
  // High enough for all cells: those out of sight are not drawn.
  const page = await browser.newPage({ viewport: { width: 1200, height: 16_000 } });
  page.setDefaultTimeout(180_000);
  await page.goto(`http://127.0.0.1:${port}/lab/workspaces/${name.replace(/\W/g, '-')}/tree/${name}?token=test`);
  await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor();
  // Its name is shown as soon as the kernel is there.
  await page.locator('.jp-NotebookPanel-toolbar').getByText('TypeScript (speech-emotion)').waitFor();
  await page.getByText('| Idle').first().waitFor();
  return page;
}

/** Runs all cells and waits for the last one. */
async function runAll(page: Page): Promise<void> {
  await page.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click();
  await page.waitForFunction(() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map((prompt) => prompt.textContent);
    const failed = document.querySelector('[data-mime-type="application/vnd.jupyter.stderr"]');
    return failed || (prompts.length > 0 && prompts.every((prompt) => /^\[\d+\]:$/.test(prompt ?? '')));
  });
}

describe('npm run lab', function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), 'ser- lab'));
  let lab: ChildProcess | undefined;
  let browser: Browser | undefined;
  let port = 0;

  after(async () => {
    await browser?.close();
    // The group: npm's and node's process and Jupyter's, which ends its kernels.
    if (lab?.pid && lab.exitCode === null) {
      process.kill(-lab.pid, 'SIGTERM');
      await new Promise((resolve) => lab!.once('close', resolve));
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it(`shows ${NAME} with interactive figures and no errors`, async function () {
    if (!HAS_SIGNALS) this.skip();
    const executablePath = findChromium();
    if (!executablePath) {
      console.log('      skipped: there is no Chromium or Chrome on the search path');
      this.skip();
    }
    copyFileSync(join(ROOT, 'notebooks', NAME), join(folder, NAME));
    port = await freePort();
    lab = await startLab(folder, port);
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await open(browser, port, NAME);
    await runAll(page);
    await page.waitForTimeout(1000);
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });

    assert.deepEqual(await page.locator(ERRORS).allInnerTexts(), []);
    const figures = page.locator('.jp-OutputArea .js-plotly-plot');
    assert.equal(await figures.count(), storedFigures());
    for (const figure of await figures.all())
      assert.ok((await figure.locator('.heatmaplayer image, .scatterlayer path').count()) > 0, 'a figure is empty');
    const panels = await figures.last().locator('.heatmaplayer image').count();
    assert.equal(panels, 2, 'the last figure shows two spectrograms side by side');
    // They answer to the pointer: Plotly shows its buttons, and what is below the pointer.
    const first = figures.first();
    await first.hover();
    assert.ok(await first.locator('.modebar-btn').first().isVisible(), 'the figure does not answer to the pointer');
    await figures.last().hover({ position: { x: 250, y: 150 } });
    await figures.last().locator('.hoverlayer .hovertext').first().waitFor();
  });

  it('shows every state of a changing figure', async function () {
    if (!browser) this.skip();
    const source = [
      "import { classBalanceFigure } from './src/plots/figures.js';",
      "import { showLive } from './src/pages/show.js';",
      'const update = showLive();',
      "const clips = [{ emotion: 'anger' }];",
      'for (const state of [1, 2, 3]) {',
      "  await update(classBalanceFigure({ clips }, 'state ' + state));",
      '  await new Promise((resolve) => setTimeout(resolve, 1500));',
      '}',
    ];
    const { metadata } = JSON.parse(readFileSync(join(ROOT, 'notebooks', NAME), 'utf8'));
    const cell = {
      cell_type: 'code',
      execution_count: null,
      id: 'a',
      metadata: {},
      outputs: [],
      source: source.join('\n'),
    };
    const notebook = { cells: [cell], metadata, nbformat: 4, nbformat_minor: 5 };
    writeFileSync(join(folder, 'live.ipynb'), JSON.stringify(notebook));
    const page = await open(browser, port, 'live.ipynb');
    // Plotly draws copies elsewhere, for its pictures.
    const title = '.jp-OutputArea .js-plotly-plot .gtitle';
    const running = runAll(page);
    for (const state of [1, 2, 3]) await page.locator(title, { hasText: `state ${state}` }).waitFor();
    await running;
    assert.deepEqual(await page.locator(title).allTextContents(), ['state 3']);
    assert.deepEqual(await page.locator(ERRORS).allInnerTexts(), []);
  });
});
