/** What a cell's error looks like: its message and the line of the cell, not the kernel's stack. */
const { SourceMap } = require('node:module');
const { isAbsolute, relative } = require('node:path');
const { format, inspect } = require('node:util');

const INLINE_MAP = /\n?\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;
const FRAME = /^\s*at (?:async )?(?:.*\()?(.+?):(\d+):(\d+)\)?$/;

/** tslab puts a line of its own before a cell's source. */
const OWN_LINES = 1;

/**
 * Follows places in compiled programs back to their source. tslab compiles twice, from TypeScript and then from ES modules, so
 * each program has two maps.
 */
class Places {
  /** By the program's text. */
  #maps = new Map();
  /** By the name that is in the stack. */
  #programs = new Map();

  /** The compiler's second pass, which keeps both maps. */
  transpileModule(transpile, input, options) {
    const inline = INLINE_MAP.exec(input);
    if (!inline) return transpile(input, options);
    const compilerOptions = { ...options.compilerOptions, sourceMap: true };
    const result = transpile(input.replace(INLINE_MAP, '\n'), { ...options, compilerOptions });
    const outputText = result.outputText.replace(/\/\/# sourceMappingURL=\S+\s*$/, '');
    this.#maps.set(outputText, [result.sourceMapText, Buffer.from(inline[1], 'base64').toString()]);
    return { ...result, outputText };
  }

  /** Tells which program the frames of this name are in; of a cell with its source. */
  add(name, program, source) {
    this.#programs.set(name, { maps: this.#maps.get(program), source });
  }

  /** The places of a stack in cells and in the project's source, the innermost first. */
  of(stack) {
    return stack.split('\n').flatMap((line) => {
      const [, name, ...numbers] = FRAME.exec(line) ?? [];
      const { maps, source } = this.#programs.get(name) ?? {};
      if (!maps) return [];
      let [row, column] = numbers.map((number) => Number(number) - 1);
      for (const map of maps) {
        const entry = new SourceMap(JSON.parse(map)).findEntry(row, column);
        if (entry.originalLine === undefined) return [];
        [row, column] = [entry.originalLine, entry.originalColumn];
      }
      if (source === undefined) return [{ file: name.replace(/\.js$/, '.ts'), row }];
      return [{ cell: name, row: row - OWN_LINES, text: source.split('\n')[row - OWN_LINES] }];
    });
  }
}

/** What is thrown, without the kernel's stack: message, line of the cell, and where in the project's source, if it was there. */
function errorText(error, places) {
  if (!(error instanceof Error)) return inspect(error);
  const found = places.of(error.stack ?? '');
  const cell = found.find((place) => place.cell);
  const [first] = found;
  const lines = [`${error.name}: ${error.message}`];
  if (cell)
    lines.push(`    ${cell.cell.replace(/^cell-(.*)$/, 'cell [$1]')}, line ${cell.row + 1}: ${cell.text?.trim()}`);
  if (first?.file) lines.push(`    thrown in ${shortened(first.file)}, line ${first.row + 1}`);
  if (error.cause !== undefined) lines.push(`caused by ${errorText(error.cause, places)}`);
  return lines.join('\n');
}

/** What tslab prints of a compiler's error (file, line, column, text), with the cell's line below it. */
function diagnosticText([pattern, file, line, ...rest], source) {
  const text = format(pattern, file, line, ...rest);
  return file === '' ? `${text}\n    line ${line}: ${source.split('\n')[line - 1]?.trim()}` : text;
}

function shortened(file) {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') || isAbsolute(path) ? file : path.replaceAll('\\', '/');
}

module.exports = { Places, errorText, diagnosticText };
