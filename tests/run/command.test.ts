import assert from 'node:assert/strict';
import { quoted } from '../../src/common/text.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { commandOf } from '../../src/run/command.js';
import { configFor, DEFAULT_NETWORK, RUN_DEFAULTS, type RunConfig } from '../../src/run/config.js';
import { RUN_FLAGS } from '../../src/run/flags.js';

const NATIVE = { name: 'native' } as const;
const command = (config: Partial<RunConfig>, backend: { name: 'native' | 'wasm' } = NATIVE) =>
  commandOf({ ...configFor(config.network ?? DEFAULT_NETWORK), data: 'a folder', ...config }, 'runs/x', { backend });

describe('commandOf()', () => {
  it('says only what is not as by default, and always data, seed and folder', () => {
    assert.equal(command({}), "ser run --data 'a folder' --seed 42 --out runs/x");
    assert.equal(command({ corpus: undefined }), "ser run --data 'a folder' --seed 42 --out runs/x");
  });

  it('has an option for each value that the command can set', () => {
    const changed: { [Key in keyof typeof RUN_FLAGS]: RunConfig[Key] } = {
      data: 'b',
      corpus: 'tess',
      emotions: ['anger', 'pleasant surprise'],
      map: { calm: 'neutral', joy: 'happiness' },
      protocol: 'text',
      testSpeakers: ['OAF', "Y'AF"],
      testShare: 0.3,
      validationShare: 0.25,
      network: 'time',
      normalise: 'speaker',
      epochs: 3,
      batchSize: 7,
      patience: 2,
      learningRate: 0.01,
      schedule: 'one-cycle',
      weightDecay: 0.02,
      labelSmoothing: 0.1,
      classWeights: 'balanced',
      augment: ['voice', 'masking'],
      speeds: [0.85, 1.18],
      conditions: ['telephone', 'reverb-0.3s'],
      seed: 5,
      maxSkipped: 0.5,
      allowTruncated: 0.25,
      frames: 130,
      offsetSeconds: 0.5,
    };
    assert.equal(
      command(changed),
      [
        ...['ser run --data b --protocol text --seed 5 --test-share 0.3 --validation-share 0.25'],
        ...[
          `--test-speaker OAF --test-speaker 'Y'\\''AF' --network time --normalise speaker --augment voice,masking --speeds 0.85,1.18 --conditions telephone,reverb-0.3s --epochs 3 --batch-size 7`,
        ],
        ...['--patience 2 --learning-rate 0.01 --schedule one-cycle --weight-decay 0.02 --label-smoothing 0.1'],
        ...[
          '--class-weights balanced --max-skipped 0.5 --allow-truncated 0.25 --duration 2.995 --offset 0.5 --corpus tess',
        ],
        `--emotions 'anger,pleasant surprise' --map 'calm=neutral' --map 'joy=happiness' --out runs/x`,
      ].join(' '),
    );
    assert.match(command({ network: 'compact', augment: [] })!, /--augment none/);
    for (const key of Object.keys(changed)) {
      // Of a network that brings nothing of its own along.
      const alone = command({ network: 'original', [key]: changed[key as keyof typeof RUN_FLAGS] })!;
      assert.ok(alone.includes(RUN_FLAGS[key as keyof typeof RUN_FLAGS]), alone);
    }
  });

  it('names the backend where it is not the one that would be taken', () => {
    assert.equal(command({}, { name: 'wasm' }), "ser run --data 'a folder' --seed 42 --backend wasm --out runs/x");
  });

  it('gives no command where it would make another run', () => {
    const others: { [Key in Exclude<keyof RunConfig, keyof typeof RUN_FLAGS>]: RunConfig[Key] } = {
      testTexts: ['a'],
      sets: { a: 'train' },
      sizes: { filters: [4] },
      features: { name: 'mel', options: { ...MEL_DEFAULTS, bands: 64 } },
    };
    for (const [key, value] of Object.entries(others)) assert.equal(command({ [key]: value }), undefined, key);
    // Every value is one or the other.
    const keys = [...Object.keys(RUN_FLAGS), ...Object.keys(others)].sort();
    assert.deepEqual(
      keys,
      [...new Set([...Object.keys(RUN_DEFAULTS), 'corpus', 'emotions', 'map', 'testTexts', 'sets'])].sort(),
    );
  });

  it('quoted() makes of any text one word of a shell', () => {
    assert.equal(quoted('a/b-c.wav'), 'a/b-c.wav');
    assert.equal(quoted("it's"), "'it'\\''s'");
    assert.equal(quoted(''), "''");
  });
});
