/**
 * `npm run build`: makes `dist`, which the package holds in place of `src`: the code for CommonJS, its front for ES modules,
 * and the types of what the package exports.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import { writeFile } from '../src/common/files.js';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
const CONFIG = join(ROOT, 'tsconfig.build.json');

rmSync(DIST, { recursive: true, force: true });
const compiler = join(ROOT, 'node_modules/typescript-7/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '--project', CONFIG], { stdio: 'inherit' });
if (status !== 0) process.exit(1);
cpSync(join(ROOT, 'src/pages/fonts'), join(DIST, 'pages/fonts'), { recursive: true });

// ES modules get the same instance of everything as CommonJS.
writeFile(join(DIST, 'index.mjs'), "export * from './index.js';\n");

// Only what is exported and what that refers to: TensorFlow's own declarations do not pass a strict check.
const [types] = generateDtsBundle(
  [{ filePath: join(ROOT, 'src/index.ts'), output: { noBanner: true, exportReferencedTypes: false } }],
  { preferredConfigPath: CONFIG },
);
for (const name of ['index.d.ts', 'index.d.mts']) writeFile(join(DIST, name), types);
