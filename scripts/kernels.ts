/** `npm run kernels`: compiles src/kernels/assembly to WebAssembly, and writes it as src/kernels/binary.ts. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFile } from '../src/files.js';

/** Not among the project's own packages, because only who changes the kernels needs its 100 MB. */
const COMPILER = 'assemblyscript@0.28.20';
const FOLDER = join(__dirname, '../src/kernels');
const LINE = 110;

const source = join(FOLDER, 'assembly/index.ts');
const folder = mkdtempSync(join(tmpdir(), 'ser-kernels-'));
try {
  const binary = join(folder, 'kernels.wasm');
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--outFile', binary];
  const command = ['--yes', '--package', COMPILER, 'asc', source, ...options];
  const { status } = spawnSync('npx', command, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(1);
  const text = readFileSync(binary).toString('base64');
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g'))!.map((line) => `  '${line}'`);
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex');
  writeFile(
    join(FOLDER, 'binary.ts'),
    [
      `/** Made of assembly/index.ts by \`npm run kernels\` with ${COMPILER}; not to be changed by hand. */`,
      `export const KERNELS_BASE64 =\n${lines.join(' +\n')};`,
      '',
      '/** SHA-256 of the source that it was made of. */',
      `export const KERNELS_SOURCE_SHA256 = '${hash}';\n`,
    ].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
