import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { planName, readPlan } from '../../src/experiment/plan.js';

const PLAN = {
  title: 'A plan',
  corpora: { ours: 'ours', theirs: '/theirs' },
  tasks: [
    { corpus: 'ours', folds: 'each' },
    { train: ['ours'], test: ['theirs'] },
  ],
  networks: ['encoder', { network: 'original', epochs: 3 }],
  seeds: [1, 2],
};

describe('readPlan()', () => {
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const path = join(root, 'plan.json');
  after(() => rmSync(root, { recursive: true }));
  const read = (plan: unknown, data?: Record<string, string>) => {
    writeFileSync(path, JSON.stringify(plan));
    return readPlan(path, data);
  };

  it("gives names their networks, and corpora their paths from the plan's folder or from the command", () => {
    assert.deepEqual(read(PLAN), {
      ...PLAN,
      corpora: { ours: join(root, 'ours'), theirs: '/theirs' },
      networks: [{ network: 'encoder' }, { network: 'original', epochs: 3 }],
    });
    assert.deepEqual(read(PLAN, { ours: 'elsewhere' }).corpora, { ours: resolve('elsewhere'), theirs: '/theirs' });
    assert.equal(planName(path), 'plan');
  });

  it('reads the examples', () => {
    for (const name of ['emodb-networks', 'tess-directions'])
      assert.ok(readPlan(join(__dirname, '../../experiments', `${name}.json`)).seeds.length > 2);
  });

  const task = (changes: object) => ({ ...PLAN, tasks: [{ corpus: 'ours', ...changes }] });
  const across = (changes: object) => ({ ...PLAN, tasks: [{ train: ['ours'], test: ['theirs'], ...changes }] });
  const refused: [what: string, plan: object, message: RegExp][] = [
    ['an unknown field', { ...PLAN, seed: 1 }, /Unrecognized key: "seed"/],
    ['no seeds', { ...PLAN, seeds: [] }, /seeds/],
    ['a seed that is no integer', { ...PLAN, seeds: [1.5] }, /expected int.*seeds\[0\]/],
    ['an unknown network', { ...PLAN, networks: ['deep'] }, /expected one of original.*is deep.*networks\[0\].network/],
    ['an unknown setting', { ...PLAN, networks: [{ network: 'original', seed: 3 }] }, /"seed".*networks\[0\]/],
    ['a setting out of range', { ...PLAN, networks: [{ network: 'original', epochs: 0 }] }, /networks\[0\].epochs/],
    ['an unknown normalisation', { ...PLAN, normalise: ['loud'] }, /normalise\[0\]/],
    ['an unknown augmentation', { ...PLAN, augment: [['loud']] }, /is loud.*augment\[0\]\[0\]/],
    [
      'an unknown corpus',
      task({ corpus: 'mine' }),
      /there is no corpus mine in corpora, only ours, theirs.*tasks\[0\].corpus/,
    ],
    ['an unknown corpus to train with', across({ train: ['mine'] }), /no corpus mine.*tasks\[0\].train/],
    ['an unknown corpus to test with', across({ test: ['mine'] }), /no corpus mine.*tasks\[0\].test/],
    ['a task of nothing', { ...PLAN, tasks: [{}] }, /expected either corpus, or train and test.*tasks\[0\]/],
    ['a task of both kinds', task({ train: ['theirs'] }), /expected either corpus, or train and test/],
    ['half a task', { ...PLAN, tasks: [{ train: ['ours'] }] }, /expected either corpus, or train and test/],
    ['training and testing with one corpus', across({ test: ['ours'] }), /ours cannot be trained and tested with/],
    ['folds over several corpora', across({ folds: 'each' }), /protocol and folds go with corpus/],
    ['a protocol for several corpora', across({ protocol: 'text' }), /protocol and folds go with corpus/],
    ['folds by chance', task({ protocol: 'random', folds: 3 }), /folds need the protocol speaker or text/],
    ['a single fold', task({ folds: 1 }), /expected 'each' or an integer from 2.*tasks\[0\].folds/],
    ['an unknown protocol', task({ protocol: 'magic' }), /tasks\[0\].protocol/],
  ];
  for (const [what, plan, message] of refused)
    it(`refuses ${what}, and names the field`, () => assert.throws(() => read(plan), { name: 'InputError', message }));

  it('refuses a plan that is not there or is no JSON, and a corpus that the plan has not', () => {
    assert.throws(() => readPlan(join(root, 'none.json')), { name: 'InputError', message: /No such plan: / });
    assert.throws(() => read(PLAN, { mine: 'x' }), {
      name: 'UsageError',
      message: 'The plan has no corpus mine; it has ours, theirs',
    });
    writeFileSync(path, '{');
    assert.throws(() => readPlan(path), { name: 'InputError', message: /damaged/ });
  });
});
