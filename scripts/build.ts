/**
 * `npm run build`: makes `dist`, which the package holds in place of `src`: the code for CommonJS, what ES modules and
 * browsers import, and the types of what the package exports.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import { build } from 'esbuild';
import { writeFile } from '../src/common/files.js';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
const CONFIG = join(ROOT, 'tsconfig.build.json');
const ENTRIES = ['index', 'browser'];

function compile(): void {
  rmSync(DIST, { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules/typescript-7/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '--project', CONFIG], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  cpSync(join(ROOT, 'src/pages/fonts'), join(DIST, 'pages/fonts'), { recursive: true });
}

/** In Node, ES modules get the same instance of everything as CommonJS; bundlers get ES modules throughout. */
async function makeModules(): Promise<void> {
  writeFile(join(DIST, 'index.mjs'), "export * from './index.js';\n");
  await build({
    entryPoints: [join(ROOT, 'src/browser.ts')],
    outfile: join(DIST, 'browser.mjs'),
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'warning',
  });
}

/** Only what is exported and what that refers to: TensorFlow's own declarations do not pass a strict check. */
function makeTypes(): void {
  const output = { noBanner: true, exportReferencedTypes: false };
  const files = ENTRIES.map((name) => ({ filePath: join(ROOT, `src/${name}.ts`), output }));
  for (const [e, types] of generateDtsBundle(files, { preferredConfigPath: CONFIG }).entries())
    for (const ending of ['d.ts', 'd.mts']) writeFile(join(DIST, `${ENTRIES[e]}.${ending}`), types);
}

compile();
makeTypes();
makeModules();
