/** Completes the path of an import, which tslab does not. */
const { readdirSync } = require('node:fs');
const { posix } = require('node:path');

const PATH_BEFORE_CURSOR = /\b(?:from|import)\s*\(?\s*['"](\.\.?\/[^'"\n]*)$/;

/**
 * Folders and modules that a path could go on with: modules by the name under which they are imported, `name.js` of `name.ts`.
 *
 * @param source - the cell's text
 * @param position - of the cursor in it
 * @returns undefined if the cursor is not in such a path
 */
function completePath(source, position) {
  const path = PATH_BEFORE_CURSOR.exec(source.slice(0, position))?.[1];
  if (path === undefined) return undefined;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const begun = path.slice(folder.length);
  const candidates = entriesOf(folder)
    .flatMap((entry) => {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
      if (entry.isDirectory()) return [`${entry.name}/`];
      return /(?<!\.d)\.ts$/.test(entry.name) ? [entry.name.replace(/ts$/, 'js')] : [];
    })
    .filter((name) => name.startsWith(begun))
    .sort();
  return { start: position - begun.length, end: position, candidates };
}

function entriesOf(folder) {
  try {
    return readdirSync(posix.normalize(folder), { withFileTypes: true });
  } catch {
    return [];
  }
}

module.exports = { completePath };
