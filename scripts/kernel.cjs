/**
 * The project's Jupyter kernel: its own tslab, in the project's root, whatever folder the notebook is in.
 *
 * tslab checks types loosely (no `strict`) and knows no later library than ES2022: here it is as in tsconfig.json, so that
 * cells are checked like `src`, and `src` gives no other errors here than there.
 *
 * tslab compiles a module of `src` again when its file has changed, but keeps the modules that import it as they were
 * loaded, with the old code in them. Here they are loaded anew, too.
 *
 * tslab does not find an earlier cell's variable in a shorthand, as in `{ seed }`: such a cell failed with `seed is not
 * defined`. Here it reads `{ seed: seed }`.
 *
 * tslab expects that nothing but cells and their modules changes, and fails at the next cell where a package's folder does,
 * as it does when the native library is put into its place. Here what the compiler then plans waits for the next cell.
 */
const { join, posix } = require('node:path');

process.chdir(join(__dirname, '..'));
const typescript = require.resolve('@tslab/typescript-for-tslab', { paths: [require.resolve('tslab/package.json')] });
const { createWatchCompilerHost } = require(typescript);

/** With one timer, tslab's, for the next look at the cells; the compiler also looks for packages again then. */
function patient(host) {
  const { setTimeout, clearTimeout } = host;
  const never = {};
  host.setTimeout = (callback, ...rest) =>
    callback.name === 'invalidateResolutionsOfFailedLookup' ? never : setTimeout.call(host, callback, ...rest);
  host.clearTimeout = (timer) => timer !== never && clearTimeout.call(host, timer);
  return host;
}

// The compiler's exports cannot be changed, but a copy can.
require.cache[typescript].exports = {
  ...require(typescript),
  createWatchCompilerHost: (files, options, ...rest) =>
    patient(
      createWatchCompilerHost(files, { ...options, strict: true, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'] }, ...rest),
    ),
};
const converter = require('tslab/dist/converter.js');
const { startKernel } = require('tslab/dist/main.js');

/** Modules that `data` requires, by the path under which tslab keeps them. */
function requiredBy({ path, data }) {
  return [...data.matchAll(/\brequire\("(\.[^"]*)"\)/g)].map(([, name]) => {
    const file = posix.join(posix.dirname(path), name);
    return posix.extname(file) === '' ? `${file}.js` : file;
  });
}

/** What has changed, and what imports it, directly or not. */
function withImporters(changed, known) {
  const stale = new Set(changed.map(({ path }) => path));
  for (let before = -1; before !== stale.size; ) {
    before = stale.size;
    for (const output of known.values()) if (requiredBy(output).some((path) => stale.has(path))) stale.add(output.path);
  }
  return [...stale].map((path) => known.get(path));
}

const ts = require(typescript);

/** A cell's source with `{ name }` spelt out as `{ name: name }`. */
function withoutShorthands(source) {
  const ends = [];
  const visit = (node) => {
    if (ts.isShorthandPropertyAssignment(node) && !node.objectAssignmentInitializer)
      ends.push([node.name.end, node.name.text]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest));
  return ends.reverse().reduce((text, [end, name]) => `${text.slice(0, end)}: ${name}${text.slice(end)}`, source);
}

const createConverter = converter.createConverter;
converter.createConverter = (options) => {
  const original = createConverter(options);
  const known = new Map();
  return {
    ...original,
    convert(previous, source) {
      const converted = original.convert(previous, withoutShorthands(source));
      for (const output of converted.sideOutputs ?? []) known.set(output.path, output);
      if (converted.sideOutputs) converted.sideOutputs = withImporters(converted.sideOutputs, known);
      return converted;
    },
  };
};

startKernel({ configPath: process.argv[2], enableFindLocal: false });
