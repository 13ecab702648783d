import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeJson } from '../../src/common/files.js';
import type { NetworkDefinition } from '../../src/networks/network.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { checkConfig, configFor, memberConfigs, RUN_DEFAULTS, readConfig } from '../../src/run/config.js';

describe('run config', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ser-'));
  const path = join(directory, 'config.json');
  after(() => rmSync(directory, { recursive: true }));

  it('readConfig() gives back what was saved', () => {
    const config = { ...RUN_DEFAULTS, corpus: 'tess', testSpeakers: ['OAF'], sizes: { filters: [8, 8] } };
    writeJson(path, config);
    assert.deepEqual(readConfig(path), config);
    // Of before there were copies.
    const { speeds, conditions, ...earlier } = config;
    writeJson(path, earlier);
    assert.deepEqual(readConfig(path), config);
  });

  it('readConfig() names what is missing, damaged, out of range or unknown', () => {
    const bad: [content: string, message: RegExp][] = [
      ['{"data"', /config.json is damaged/],
      [JSON.stringify({ ...RUN_DEFAULTS, epochs: 0 }), /epochs/],
      [JSON.stringify({ ...RUN_DEFAULTS, protocol: 'magic' }), /protocol/],
      [JSON.stringify({ ...RUN_DEFAULTS, colour: 'red' }), /colour/],
      [JSON.stringify({ ...RUN_DEFAULTS, seed: undefined }), /seed/],
      [JSON.stringify({ ...RUN_DEFAULTS, network: 'deep' }), /expected one of original, time.*is deep/],
      [JSON.stringify({ ...RUN_DEFAULTS, sizes: { filters: [0] } }), /filters must be positive.*sizes/],
      [JSON.stringify({ ...RUN_DEFAULTS, sizes: { filter: [8] } }), /its sizes are filters.*current value is filter/],
      [JSON.stringify({ ...RUN_DEFAULTS, sizes: [] }), /sizes/],
      [JSON.stringify({ ...RUN_DEFAULTS, testShare: 1 }), /testShare/],
      [JSON.stringify({ ...RUN_DEFAULTS, validationShare: 0 }), /validationShare/],
      [JSON.stringify({ ...RUN_DEFAULTS, maxSkipped: 1.01 }), /maxSkipped/],
      [JSON.stringify({ ...RUN_DEFAULTS, maxSkipped: -0.01 }), /maxSkipped/],
      [JSON.stringify({ ...RUN_DEFAULTS, learningRate: 0 }), /learningRate/],
      [JSON.stringify({ ...RUN_DEFAULTS, seed: 0.5 }), /seed/],
      [JSON.stringify({ ...RUN_DEFAULTS, emotions: ['anger'] }), /emotions/],
      [JSON.stringify({ ...RUN_DEFAULTS, map: { calm: 1 } }), /map/],
      [JSON.stringify({ ...RUN_DEFAULTS, augment: ['noise'] }), /augment/],
      [JSON.stringify({ ...RUN_DEFAULTS, conditions: ['rain'] }), /current value is rain.*conditions/],
      [JSON.stringify({ ...RUN_DEFAULTS, sets: { a: 'trained' } }), /sets/],
      [JSON.stringify({ ...RUN_DEFAULTS, features: { name: 'mel', options: { bands: 5 } } }), /features.*options/],
      [JSON.stringify({ ...RUN_DEFAULTS, features: { name: 'smell', options: {} } }), /features/],
    ];
    for (const [content, message] of bad) {
      writeFileSync(path, content);
      assert.throws(() => readConfig(path), { name: 'InputError', message });
    }
    assert.throws(() => readConfig(join(directory, 'none.json')), { name: 'InputError', message: /is missing/ });
  });

  it('memberConfigs() asks for copies where there is an encoder alone', () => {
    const copies = { speeds: [0.9], conditions: ['telephone'] };
    const members = memberConfigs(configFor('both', copies));
    assert.deepEqual(
      members.map(({ network, speeds, conditions }) => ({ network, speeds, conditions })),
      [
        { network: 'compact', speeds: [], conditions: [] },
        { network: 'encoder', ...copies },
      ],
    );
    checkConfig(configFor('both', copies));
  });

  it('checkConfig() takes sizes for those networks alone that have others', () => {
    const networks = NETWORKS as Record<string, NetworkDefinition>;
    const { description, input, answers } = NETWORKS.original;
    const solve = () => assert.fail('nothing is fitted here');
    networks.formula = { description, input, answers, fitting: { by: 'closed form', solve } };
    try {
      checkConfig({ ...RUN_DEFAULTS, network: 'formula' });
      assert.throws(() => checkConfig({ ...RUN_DEFAULTS, network: 'formula', sizes: { filters: [8] } }), {
        name: 'UsageError',
        message: /^Cannot run with this configuration: .*the network formula has no other sizes.*sizes/,
      });
    } finally {
      delete networks.formula;
    }
  });

  it('checkConfig() takes the defaults and the ends of ranges, and names what is out of range', () => {
    checkConfig(RUN_DEFAULTS);
    for (const maxSkipped of [0, 1]) checkConfig({ ...RUN_DEFAULTS, maxSkipped });
    assert.throws(() => checkConfig({ ...RUN_DEFAULTS, epochs: 1.5 }), {
      name: 'UsageError',
      message: /^Cannot run with this configuration: .*epochs/,
    });
  });
});
