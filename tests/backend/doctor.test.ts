import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Diagnosis, diagnose, formatDiagnosis, nodeProblems } from '../../src/backend/doctor.js';

const cacheFolder = join(tmpdir(), 'ser-no-such-cache');
const FAILED = {
  state: 'unavailable',
  reasons: ['no network'],
  remedy: 'run `ser doctor --setup`',
  since: '2020-01-01T00:00:00.000Z',
  cacheFolder,
} as const;

describe('diagnose()', () => {
  it('gives the versions that results depend on', async () => {
    const diagnosis = await diagnose({ native: async () => undefined });
    assert.equal(diagnosis.node, process.version);
    assert.ok(Object.values(diagnosis.packages).every((version) => version !== null));
    assert.equal(diagnosis.packages['@tensorflow/tfjs-core'], '4.22.0');
    assert.ok(diagnosis.cores >= 1 && diagnosis.memoryGigabytes > 0);
    assert.deepEqual(JSON.parse(JSON.stringify(diagnosis)), diagnosis);
  });

  it('is undecided before the first start', async () => {
    const { backend, native } = await diagnose({ native: async () => undefined });
    assert.equal(backend.name, 'undecided');
    assert.equal(native, null);
  });

  it('tells why there is no native library, and the remedy', async () => {
    const { backend, problems } = await diagnose({ native: async () => FAILED });
    assert.equal(backend.name, 'wasm');
    const problem = problems.find((p) => p.problem.startsWith('No native library'));
    assert.match(problem?.problem ?? '', /no network/);
    assert.match(problem?.remedy ?? '', /ser doctor --setup/);
  });

  it('tells of a native library that does not load', async () => {
    const libraryFolder = join(cacheFolder, 'entry/deps/lib');
    const native = {
      state: 'ready',
      from: 'cache',
      source: 'x',
      version: '2.9.1',
      libraryFolder,
      cacheFolder,
    } as const;
    const { backend, problems } = await diagnose({ native: async () => native });
    assert.equal(backend.name, 'wasm');
    assert.ok(problems.some((p) => /does not load on this machine/.test(p.problem)));
  });
});

describe('nodeProblems()', () => {
  it('accepts the versions of package.json and refuses others with a remedy', () => {
    for (const version of ['20.19.0', '22.12.0', '24.0.0', '25.1.0']) assert.deepEqual(nodeProblems(version), []);
    for (const version of ['18.20.0', '20.18.3', '21.0.0', '22.11.0', '23.5.0'])
      assert.match(nodeProblems(version)[0].remedy, /install Node/);
  });
});

describe('formatDiagnosis()', () => {
  const healthy: Diagnosis = {
    version: '1.2.3',
    node: 'v20.19.0',
    packages: { meyda: '5.6.3', tslab: null },
    system: 'linux x64 6.1',
    processor: 'a processor',
    cores: 2,
    memoryGigabytes: 8,
    python: 'Python 3.11.7',
    compiler: null,
    backend: { name: 'native', why: 'the native library loads' },
    native: { version: '2.15.1', source: 'the Python wheel', folder: 'somewhere' },
    cacheFolder,
    problems: [],
  };

  it('aligns names and values and ends with a clean bill', () => {
    const lines = formatDiagnosis(healthy).split('\n');
    assert.ok(lines.includes('TensorFlow      2.15.1, from the Python wheel'));
    assert.ok(lines.includes('tslab           missing'));
    assert.equal(lines.at(-1), 'No problems found.');
  });

  it('lists problems with their remedies last', () => {
    const text = formatDiagnosis({ ...healthy, problems: [{ problem: 'It is broken', remedy: 'repair it' }] });
    assert.match(text, /\n1 problem:\n- It is broken\n {2}Remedy: repair it$/);
  });
});
