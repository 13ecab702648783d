/**
 * `npm run architecture`: draws which folder of src imports which, as the code has it, into docs/architecture.md.
 * `--check` writes nothing, and fails where the document has another diagram.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFile } from '../src/common/files.js';
import { insertedBetweenMarks } from './marks.js';

const ROOT = join(__dirname, '..');
const DOCUMENT = join(ROOT, 'docs/architecture.md');

/** Each folder of `src` and the others that it imports from, types included. */
type Imports = ReadonlyMap<string, ReadonlySet<string>>;

function folderImports(): Imports {
  const cruiser = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cruiser, 'src', '--collapse', '^src/[^/]+', '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1e8 });
  if (stderr) throw new Error(`Cannot read the imports of src: ${stderr}`);
  const { modules } = JSON.parse(stdout) as { modules: { source: string; dependencies: { resolved: string }[] }[] };
  const folderOf = (path: string) => path.match(/^src\/([^/.]+)$/)?.[1];
  const imports = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    const folder = folderOf(source);
    if (folder) imports.set(folder, new Set(dependencies.flatMap(({ resolved }) => folderOf(resolved) ?? [])));
  }
  return imports;
}

/** Whether a folder imports from another by way of those between. */
function reaches(imports: Imports, from: string, to: string): boolean {
  return [...imports.get(from)!].some((next) => next === to || reaches(imports, next, to));
}

/** The folders as a Mermaid flow chart: an arrow for each import that does not follow from others, so that it can be read. */
function diagramOf(imports: Imports): string {
  const arrows = [...imports].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((between) => reaches(imports, between, to)))
      .map((to) => `  ${from} --> ${to}`),
  );
  return ['```mermaid', 'flowchart TD', ...arrows.sort(), '```'].join('\n');
}

const before = readFileSync(DOCUMENT, 'utf8');
const after = insertedBetweenMarks(before, 'diagram', diagramOf(folderImports()));
if (!process.argv.includes('--check')) writeFile(DOCUMENT, after);
else if (after !== before) {
  console.error('docs/architecture.md shows other imports than src has: run npm run architecture');
  process.exitCode = 1;
}
