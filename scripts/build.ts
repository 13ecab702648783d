/**
 * `npm run build`: makes `dist`, which the package holds in place of `src`: the code for CommonJS, what ES modules and
 * browsers import, and the types of what the package exports.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { build } from 'esbuild';
import { writeFile } from '../src/common/files.js';

const ROOT = join(__dirname, '..');
const DIST = join(ROOT, 'dist');
/** The declarations of all files, of which the package's are made. */
const DECLARATIONS = join(DIST, 'declarations');
const ENTRIES = ['index', 'browser'];

function compile(): void {
  rmSync(DIST, { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules/typescript-7/bin/tsc');
  const args = ['--project', join(ROOT, 'tsconfig.build.json'), '--declaration', '--declarationDir', DECLARATIONS];
  const { status } = spawnSync(process.execPath, [compiler, ...args], { stdio: 'inherit' });
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

/** Only what an entry exports and what that refers to: TensorFlow's own declarations do not pass a strict check. */
function makeTypes(entry: string): void {
  const declarations = join(DECLARATIONS, `${entry}.d.ts`);
  const types = join(DIST, `${entry}.d.ts`);
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const compilerOptions = { skipLibCheck: true, types: ['node'] };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: declarations,
      compiler: {
        overrideTsconfig: { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [declarations] },
      },
      dtsRollup: { enabled: true, untrimmedFilePath: types },
      messages: {
        compilerMessageReporting: silent,
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
  });
  const told = (message: { handled: boolean }) => {
    message.handled = true;
  };
  if (!Extractor.invoke(config, { localBuild: true, messageCallback: told }).succeeded)
    throw new Error(`Cannot make ${types}`);
  copyFileSync(types, join(DIST, `${entry}.d.mts`));
}

compile();
for (const entry of ENTRIES) makeTypes(entry);
rmSync(DECLARATIONS, { recursive: true });
makeModules();
