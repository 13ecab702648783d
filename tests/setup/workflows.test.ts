import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { nodeProblems } from '../../src/backend/doctor.js';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, '.github/workflows');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

interface Job {
  readonly strategy?: { readonly matrix: { readonly os: string[]; readonly node: number[] } };
  readonly steps: readonly { readonly run?: string }[];
}

function jobsOf(name: string): Job[] {
  return Object.values((load(readFileSync(join(FOLDER, name), 'utf8')) as { jobs: Record<string, Job> }).jobs);
}

describe('the workflows of GitHub Actions', () => {
  it('call the scripts that people call', () => {
    const commands = readdirSync(FOLDER).flatMap((name) =>
      jobsOf(name).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? [])),
    );
    assert.ok(commands.includes('npm test'));
    for (const command of commands) {
      const [, script] = /^npm (?:run )?([\w:]+)$/.exec(command) ?? [];
      assert.ok(script in scripts, command);
    }
  });

  it('test on all systems with all versions of Node that are supported', () => {
    const [{ strategy }] = jobsOf('test.yml');
    assert.deepEqual(strategy?.matrix, {
      os: ['ubuntu-latest', 'macos-latest', 'windows-latest'],
      node: [20, 22, 24],
    });
    for (const node of strategy!.matrix.node) assert.deepEqual(nodeProblems(`${node}.99.0`), []);
  });
});
