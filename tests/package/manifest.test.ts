import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';

const ROOT = join(__dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const build = JSON.parse(readFileSync(join(ROOT, 'tsconfig.build.json'), 'utf8'));

/** Names of the packages that a source file and the files that it reaches import or require. */
function packagesReached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const names = new Set<string>();
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|require(?:\.resolve)?\(|import\() ?'([^']+)'/g))
    if (/^\..*\.js$/.test(name))
      for (const inner of packagesReached(join(file, '..', name.replace(/js$/, 'ts')), seen)) names.add(inner);
    else if (!name.startsWith('.') && !builtinModules.includes(name.replace('node:', '')))
      names.add(name.match(/^(?:@[^/]+\/)?[^/]+/)![0]);
  return names;
}

/** All source files, from the project's root. */
function sources(): string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts'));
}

describe('the package', () => {
  it('needs what its compiled code imports', () => {
    const reached = new Set((build.files as string[]).flatMap((file) => [...packagesReached(join(ROOT, file))]));
    // tsx runs the TypeScript of a checkout; where the package is installed, there is none. The model card shows others how to
    // import the package itself.
    const others = [manifest.name, 'tsx'];
    const given = { ...manifest.dependencies, ...manifest.peerDependencies };
    const missing = [...reached].filter((name) => !(name in given) && !others.includes(name));
    assert.deepEqual(missing, []);
    assert.ok(reached.size > 10);
  });

  it('compiles the code of every thread, which is read by name and imported nowhere', () => {
    const threads = sources().flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/workerFile\(__dirname, '([^']+)'\)/g)].map(([, name]) =>
        posix.join(posix.dirname(file), `${name}.ts`),
      ),
    );
    for (const file of threads) assert.ok(build.files.includes(file), file);
    // Whatever is called so is one, and is found.
    const named = sources().filter((file) => /worker\.ts$/.test(file));
    assert.ok(named.length > 0);
    assert.deepEqual([...new Set(threads)].sort(), named.sort());
  });

  it('needs nothing that works only with overrides, which count in a checkout alone', () => {
    const overridden = Object.keys(manifest.overrides).filter((name) => name in manifest.dependencies);
    assert.deepEqual(overridden, []);
  });

  it('has a command that can be executed', () => {
    if (process.platform !== 'win32') assert.equal(statSync(join(ROOT, manifest.bin.ser)).mode & 0o111, 0o111);
  });

  it('does without tfjs-node, which a checkout has in the version that others are told to install', () => {
    const name = '@tensorflow/tfjs-node';
    const version = manifest.devDependencies[name];
    assert.deepEqual(manifest.peerDependencies, { [name]: version });
    assert.deepEqual(manifest.peerDependenciesMeta, { [name]: { optional: true } });
    assert.ok(readFileSync(join(ROOT, 'src/backend/native/native.ts'), 'utf8').includes(`{PACKAGE}@${version}`));
  });

  it("has its command under its own name, which npm's exec looks for first, and under a short one", () => {
    assert.deepEqual(manifest.bin, { ser: 'bin/ser.js', [manifest.name]: 'bin/ser.js' });
  });

  it('never tells anybody to fetch the package that is called ser on the registry, which is not this one', () => {
    const documents = ['README.md', 'environment.md', 'data/emodb/README.md', 'data/encoder/README.md'];
    const below = (folder: string, ending: RegExp) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => ending.test(name) && !/(^|[\\/])[.]/.test(name))
        .map((name) => posix.join(folder, name));
    const all = [...documents, ...below('docs', /\.md$/), ...below('notebooks', /\.ipynb$/), ...sources()];
    assert.ok(all.length > 200 && all.includes('notebooks/01-load.ipynb'));
    const fetching = all.filter((file) =>
      /npx (?!--no)(-\S+ )*ser\b|npm (exec|i|install)( -\S+)* ser\b/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    assert.deepEqual(fetching, []);
  });

  it('names no registry in its lock file', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
    const resolved = Object.entries(lock.packages).filter(([, entry]) => 'resolved' in (entry as object));
    assert.deepEqual(resolved, []);
  });
});
