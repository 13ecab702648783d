import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

describe('docs/architecture.md', function () {
  this.timeout(60_000);

  it('shows the imports that src has', () => {
    const args = ['--require', 'tsx/cjs', 'scripts/architecture.ts', '--check'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  });

  it('tells the purpose of each folder, in the order of the rules', () => {
    const { forbidden } = require('../../.dependency-cruiser.cjs') as { forbidden: { name: string }[] };
    const layers = forbidden.flatMap(({ name }) => name.match(/^layer-(.*)/)?.[1] ?? []);
    const section = DOCUMENT.split('\n## ').find((text) => text.startsWith('The folders of `src`'))!;
    const rows = [...section.matchAll(/^\| `([a-z]+)`/gm)].map(([, name]) => name);
    assert.deepEqual(rows, layers);
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual([...rows].sort(), folders.map(({ name }) => name).sort());
  });

  it('names places for additions that there are', () => {
    const section = DOCUMENT.split('\n## ').find((text) => text.startsWith('Where additions go'))!;
    const places = [...section.matchAll(/`([A-Z_]+)` in `([^`]+\.(?:ts|cjs))`/g)];
    assert.ok(places.length >= 7);
    for (const [, name, file] of places) {
      const text = readFileSync(join(ROOT, file), 'utf8');
      assert.match(text, new RegExp(`\\bconst ${name}\\b`), file);
    }
  });
});
