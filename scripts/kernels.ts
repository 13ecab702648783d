/** `npm run kernels`: compiles src/kernels/assembly to WebAssembly, and writes that as src/kernels/binary.ts. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFile } from '../src/common/files.js';

/** Not among the project's own packages, because only who changes the kernels needs its 100 MB. */
const COMPILER = 'assemblyscript@0.28.20';
const FOLDER = join(__dirname, '../src/kernels');
const LINE = 110;

/** The sources, and options of the compiler: kernels for networks work in the memory of tfjs's backend. */
const MODULES = { features: [], inference: ['--importMemory'], training: ['--importMemory'] };

const folder = mkdtempSync(join(tmpdir(), 'ser-kernels-'));
try {
  const modules = Object.entries(MODULES).map(([name, own]) => {
    const source = join(FOLDER, 'assembly', `${name}.ts`);
    const binary = join(folder, `${name}.wasm`);
    const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...own, '--outFile', binary];
    const command = ['--yes', '--package', COMPILER, 'asc', source, ...options];
    const { status } = spawnSync('npx', command, { stdio: 'inherit', shell: process.platform === 'win32' });
    if (status !== 0) process.exit(1);
    const text = readFileSync(binary).toString('base64');
    const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g'))!.map((line) => `      '${line}'`);
    const hash = createHash('sha256').update(readFileSync(source)).digest('hex');
    return `  ${name}: {\n    sourceSha256: '${hash}',\n    base64:\n${lines.join(' +\n')},\n  },`;
  });
  writeFile(
    join(FOLDER, 'binary.ts'),
    `/** Made of assembly/*.ts by \`npm run kernels\` with ${COMPILER}; not to be changed by hand. */\nexport const BINARIES = {\n${modules.join('\n')}\n};\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
