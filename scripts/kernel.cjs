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
 *
 * tslab prints the properties of what a cell's last line is. Here a table is shown as one.
 *
 * tslab prints an error with its stack, which is the kernel's and in compiled lines. Here it is the message and the cell's line.
 *
 * tslab says nothing while it compiles what the first cell imports, which takes seconds. Here the cell says so.
 *
 * tslab does not complete the paths of imports. Here they are completed.
 */
const { join, posix } = require('node:path');
const { Places, diagnosticText, errorText } = require('./cell-errors.cjs');
const { completePath } = require('./import-paths.cjs');

process.chdir(join(__dirname, '..'));
const typescript = require.resolve('@tslab/typescript-for-tslab', { paths: [require.resolve('tslab/package.json')] });
const { createWatchCompilerHost, transpileModule } = require(typescript);
const places = new Places();

const COMPILER_OPTIONS = { strict: true, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], inlineSourceMap: true };

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
    patient(createWatchCompilerHost(files, { ...options, ...COMPILER_OPTIONS }, ...rest)),
  transpileModule: (input, options) => places.transpileModule(transpileModule, input, options),
};
const converter = require('tslab/dist/converter.js');
const executor = require('tslab/dist/executor.js');
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

/** What is known of the cell that runs: its number, its source, and what to do when it is compiled. */
let cell = { count: 0, source: '', onCompiled() {} };

const createConverter = converter.createConverter;
converter.createConverter = (options) => {
  const original = createConverter(options);
  const known = new Map();
  return {
    ...original,
    convert(previous, source) {
      const converted = original.convert(previous, withoutShorthands(source));
      cell.onCompiled();
      for (const output of converted.sideOutputs ?? []) {
        known.set(output.path, output);
        places.add(output.path, output.data);
      }
      if (converted.sideOutputs) converted.sideOutputs = withImporters(converted.sideOutputs, known);
      if (converted.output) {
        const name = `cell-${cell.count}`;
        places.add(name, converted.output, cell.source);
        converted.output += `\n//# sourceURL=${name}`;
      }
      return converted;
    },
    complete: (previous, source, position) =>
      completePath(source, position) ?? original.complete(previous, source, position),
  };
};

/** Says that the compiler is at work, until it is done; not in notebooks that are executed to be stored, see PICTURES_VARIABLE. */
async function announceCompiling() {
  const begun = performance.now();
  const place = require('tslab').newDisplay();
  place.text("Compiling the project's source, once for this notebook …");
  cell.onCompiled = () =>
    place.text(`Compiled the project's source in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  // The compiler leaves no time to send it.
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A cell's last line: a DataFrame or Series as a table, anything else as `console.log` prints it. */
function showValue(value) {
  const isTable = [value?.columns, value?.values, value?.index].every(Array.isArray);
  if (!isTable) return console.log(value);
  const { tableHtml } = require('tsx/cjs/api').require('../src/pages/table.ts', __filename);
  require('tslab').display.html(tableHtml(value));
}

const createExecutor = executor.createExecutor;
executor.createExecutor = (root, converters) => {
  const original = createExecutor(root, converters, {
    log: showValue,
    error: (...args) =>
      console.error(args.length === 1 ? errorText(args[0], places) : diagnosticText(args, cell.source)),
  });
  return {
    ...original,
    async execute(source) {
      cell = { count: cell.count + 1, source, onCompiled() {} };
      if (cell.count === 1 && !process.env.SPEECH_EMOTION_PICTURES) await announceCompiling();
      return original.execute(source);
    },
  };
};

const { startKernel } = require('tslab/dist/main.js');

startKernel({ configPath: process.argv[2], enableFindLocal: false });

// An error that no cell waits for, as where an await is missing.
process.removeAllListeners('unhandledRejection');
process.on('unhandledRejection', (reason) => console.error(errorText(reason, places)));
