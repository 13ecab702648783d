import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pureFiles, sourceFiles } from './pure.js';

const ROOT = join(__dirname, '../..');
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = join(ROOT, '.dependency-cruiser.cjs');

/** A file or package on the way from one to another. */
interface Step {
  readonly name: string;
}

/** Checks the folders `src` and `web` of a project against the rules; each violation as `RULE: FROM → … → TO`. */
function violationsIn(project: string): string[] {
  const args = [CRUISER, 'src', 'web', '--config', CONFIG, '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', maxBuffer: 1e8 });
  assert.equal(stderr, '');
  const { violations } = JSON.parse(stdout).summary as {
    violations: { rule: { name: string }; from: string; to: string; via?: Step[]; cycle?: Step[] }[];
  };
  return violations.map(({ rule, from, to, via, cycle }) =>
    [`${rule.name}: ${from}`, ...(via ?? cycle ?? [{ name: to }]).map(({ name }) => name)].join(' → '),
  );
}

/** Files that break each rule once, and what is found in them. */
const BROKEN: readonly { readonly files: Readonly<Record<string, string>>; readonly found: readonly string[] }[] = [
  {
    files: {
      'plots/circle.ts': "export { b } from './circle-back.js';\nexport type A = 1;",
      'plots/circle-back.ts': "import type { A } from './circle.js';\nexport const b: A = 1;",
    },
    found: ['no-circles: src/plots/circle-back.ts → src/plots/circle.ts → src/plots/circle-back.ts'],
  },
  {
    files: { 'loose.ts': "import '../package.json';" },
    found: ['file-in-a-layer: src/loose.ts → package.json'],
  },
  {
    files: { 'rooms/new.ts': 'export {};', 'cli/to-new.ts': "import '../rooms/new.js';" },
    found: ['file-in-a-layer: src/cli/to-new.ts → src/rooms/new.ts', 'layer-cli: src/cli/to-new.ts → src/rooms/new.ts'],
  },
  {
    files: { 'rooms/alone.ts': 'export {};' },
    found: ['file-in-a-layer: src/rooms/alone.ts → src/rooms/alone.ts'],
  },
  {
    files: { 'backend/native/provide.ts': "import '../backend.js';\nimport 'papaparse';\nimport 'node:fs';" },
    found: [
      'native-knows-only-common: src/backend/native/provide.ts → src/backend/backend.ts',
      'native-knows-only-common: src/backend/native/provide.ts → papaparse',
    ],
  },
  {
    files: { 'features/direct.ts': "import { tmpdir } from 'os';\nexport const place = () => import('node:path');" },
    found: ['pure-needs-no-node: src/features/direct.ts → os', 'pure-needs-no-node: src/features/direct.ts → path'],
  },
  {
    files: { 'evaluation/far.ts': "import '../corpora/near.js';", 'corpora/near.ts': "const fs = require('node:fs');" },
    found: ['pure-needs-no-node: src/evaluation/far.ts → src/corpora/near.ts → fs'],
  },
  {
    files: { 'plots/picture.ts': "import type { Canvas } from '@napi-rs/canvas';\nexport type Picture = Canvas;" },
    found: ['pure-needs-no-node: src/plots/picture.ts → @napi-rs/canvas'],
  },
  {
    files: { 'features/extraction/threads.ts': "import 'piscina';", 'dataset/collect.ts': "import 'node:fs';" },
    found: [],
  },
  {
    files: {
      '../web/page.ts': "import '../src/pages/window.js';",
      'pages/window.ts': "import 'node:fs';\nimport '../../web/page.js';",
    },
    found: [
      'no-circles: src/pages/window.ts → web/page.ts → src/pages/window.ts',
      'page-needs-no-node: web/page.ts → src/pages/window.ts → fs',
      'page-on-top: src/pages/window.ts → web/page.ts',
    ],
  },
  {
    files: { 'evaluation/tensors.ts': "import '@tensorflow/tfjs-core';" },
    found: ['tensorflow-where-networks-are: src/evaluation/tensors.ts → @tensorflow/tfjs-core'],
  },
  {
    files: { 'tables/cells.ts': "export type Cell = import('tslab').Display;", 'pages/show.ts': "import 'tslab';" },
    found: ['notebooks-in-one-file: src/tables/cells.ts → tslab'],
  },
];

/** Imports that reach back up, from each folder but the last. */
const UPWARDS = {
  common: 'kernels',
  kernels: 'audio',
  audio: 'features',
  features: 'dataset',
  stress: 'corpora',
  corpora: 'features',
  dataset: 'backend',
  backend: 'features',
  encoder: 'networks',
  networks: 'training',
  evaluation: 'training',
  training: 'model',
  model: 'exchange',
  exchange: 'run',
  tables: 'plots',
  plots: 'tables',
  pages: 'run',
  run: 'experiment',
  experiment: 'cli',
};

describe('the rules of .dependency-cruiser.cjs', function () {
  this.timeout(60_000);
  let project = '';

  before(() => {
    project = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  const check = (files: Readonly<Record<string, string>>) => {
    for (const folder of ['src', 'web']) rmSync(join(project, folder), { recursive: true, force: true });
    for (const [path, content] of Object.entries({
      '../package.json': '{}',
      'backend/backend.ts': '',
      '../web/main.ts': '',
      ...files,
    })) {
      mkdirSync(dirname(join(project, 'src', path)), { recursive: true });
      writeFileSync(join(project, 'src', path), content);
    }
    return violationsIn(project).sort();
  };

  it('find each way in which they are broken, and nothing else', () => {
    const files = Object.assign({}, ...BROKEN.map(({ files }) => files));
    assert.deepEqual(check(files), BROKEN.flatMap(({ found }) => found).sort());
  });

  it('let no folder reach back up', () => {
    const found = Object.entries(UPWARDS).map(([from, to]) => ({
      file: [`${from}/up-${from}.ts`, `import type { X } from '../${to}/x.js';\nexport type Y = X;`],
      target: [`${to}/x.ts`, 'export type X = 1;'],
      violation: `layer-${from}: src/${from}/up-${from}.ts → src/${to}/x.ts`,
    }));
    const files = Object.fromEntries(found.flatMap(({ file, target }) => [file, target]));
    assert.deepEqual(check(files), found.map(({ violation }) => violation).sort());
  });

  it('hold in src and web', () => {
    assert.deepEqual(violationsIn(ROOT), []);
  });

  it('are tried out here for every folder of src', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.map(({ name }) => name).sort(), [...Object.keys(UPWARDS), 'cli'].sort());
  });
});

describe('biome.json', () => {
  it("keeps Node's globals and the terminal out of the same files", function () {
    this.timeout(20_000);
    const project = mkdtempSync(join(tmpdir(), 'ser-'));
    try {
      copyFileSync(join(ROOT, 'biome.json'), join(project, 'biome.json'));
      for (const file of sourceFiles()) {
        mkdirSync(dirname(join(project, file)), { recursive: true });
        writeFileSync(join(project, file), 'console.log(process.env.HOME);\n');
      }
      const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
      const options = ['--reporter=github', '--vcs-enabled=false', '--max-diagnostics=none'];
      const { stdout } = spawnSync(process.execPath, [biome, 'lint', ...options], {
        cwd: project,
        encoding: 'utf8',
      });
      const found = [...stdout.matchAll(/^::error .*?,file=[^,]*?(src[^,]+),/gm)].map(([, file]) =>
        file.replaceAll('\\', '/'),
      );
      // Each file breaks two rules.
      assert.deepEqual(
        found.sort(),
        pureFiles()
          .flatMap((file) => [file, file])
          .sort(),
      );
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  });
});
