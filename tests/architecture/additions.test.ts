import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BACKEND, smallCorpus } from '../cli/ser.js';

const ROOT = join(__dirname, '../..');

/** What is added, as somebody would: a file, and a name in a table (with the import of it). */
interface Addition {
  readonly what: string;
  readonly file: string;
  readonly source: string;
  readonly table: string;
  /** The table's line, and the same with the new name in it. */
  readonly line: [before: string, after: string];
  readonly name: string;
}

const ADDITIONS: readonly Addition[] = [
  {
    what: 'a corpus',
    file: 'corpora/toy.ts',
    source: `import { type CorpusReader, stemOf } from './reader.js';
export const toy: CorpusReader = {
  name: 'toy', title: 'Toy corpus', publishedClips: 24, licence: 'CC0', source: 'nowhere', citation: 'nobody',
  parse(path) {
    const [, speaker, text, label] = stemOf(path).match(/^toy-(..)(...)(.)/) ?? [];
    return speaker ? { speaker, text, label, emotion: { F: 'happiness', T: 'sadness', W: 'anger' }[label]! } : undefined;
  },
};`,
    table: 'corpora/corpora.ts',
    line: ['shemo, urdu],\n]', 'shemo, urdu, toy],\n]'],
    name: 'toy',
  },
  {
    what: 'a feature',
    file: 'features/levels.ts',
    source: `import { z } from 'zod';
import { allSamples } from '../audio/resample.js';
import type { Feature } from './feature.js';
import { clipStatistics } from './normalise.js';
/** Mean and largest magnitude of each sixth of the samples, scaled: a vector. */
export const levels: Feature<{ readonly scale: number }> = {
  description: 'levels', defaults: { scale: 10 }, schema: z.strictObject({ scale: z.number() }), version: 1,
  secondsPerFrame: () => undefined,
  create: ({ scale }) => ({ samples: given, sampleRateHz, durationSeconds }) => {
    const samples = allSamples(given);
    const parts = Array.from({ length: 6 }, (_, k) => samples.subarray((k * samples.length) / 6, ((k + 1) * samples.length) / 6));
    const numbers = parts.flatMap((part) => [part.reduce((sum, x) => sum + Math.abs(x), 0) / part.length, Math.max(...part)]);
    const matrix = { values: Float32Array.from(numbers, (x) => scale * x), bands: numbers.length, frames: 1 };
    return { matrix, statistics: clipStatistics(matrix), sampleRateHz, durationSeconds };
  },
};`,
    table: 'features/features.ts',
    line: ['FEATURES = { mel, logMel, functionals }', 'FEATURES = { mel, logMel, functionals, levels }'],
    name: 'levels',
  },
  {
    what: 'an augmentation',
    file: 'features/louder.ts',
    source: `import type { Augmentation } from './augmentation.js';
export const louder: Augmentation = (features, random) => {
  const by = random();
  return { ...features, values: features.values.map((value) => value + by) };
};`,
    table: 'features/augmentations.ts',
    line: ['Augmentation>> = { voice, tempo, masking }', 'Augmentation>> = { voice, tempo, masking, louder }'],
    name: 'louder',
  },
  {
    what: 'a network that takes a whole clip with a mask, with batch normalisation and a frozen layer',
    file: 'networks/masked.ts',
    source: `import { type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { NetworkDefinition, NetworkShape } from './network.js';
function build({ bands, classes }: NetworkShape): LayersModel {
  const clip = layers.input({ name: 'clip', shape: [bands, null] }) as unknown as SymbolicTensor;
  const mask = layers.input({ name: 'mask', shape: [null] }) as unknown as SymbolicTensor;
  const overTime = layers.permute({ name: 'transpose', dims: [2, 1] }).apply(clip);
  const frozen = layers.conv1d({ name: 'frozen', filters: 8, kernelSize: 3, padding: 'same', trainable: false }).apply(overTime);
  const normalised = layers.batchNormalization({ name: 'normalise' }).apply(frozen) as SymbolicTensor;
  const column = layers.reshape({ name: 'column', targetShape: [-1, 1] }).apply(mask) as SymbolicTensor;
  const kept = layers.multiply({ name: 'masked' }).apply([normalised, column]) as SymbolicTensor;
  const pooled = layers.globalAveragePooling1d({ name: 'pool' }).apply(kept);
  const logits = layers.dense({ name: 'logits', units: classes }).apply(pooled);
  const outputs = layers.softmax({ name: 'softmax' }).apply(logits) as SymbolicTensor;
  return model({ name: 'network', inputs: [clip, mask], outputs });
}
export const masked: NetworkDefinition = {
  description: 'a toy', input: 'clip', fitting: { by: 'gradient', build }, answers: 'whole',
};`,
    table: 'networks/networks.ts',
    line: ['  both,\n};', '  both,\n  masked,\n};'],
    name: 'masked',
  },
  {
    what: 'a network that takes a vector and is fitted in closed form',
    file: 'networks/nearest-mean.ts',
    source: `import { layers, sequential, } from '@tensorflow/tfjs-layers';
import { tensor } from '@tensorflow/tfjs-core';
import { gathered } from '../dataset/examples.js';
import type { ClosedFormFitting, NetworkDefinition } from './network.js';
import { predictProbabilities } from './probabilities.js';
/** Logits −|x − mean|² / 2 of each class's mean, without what all classes share. */
const solve: ClosedFormFitting['solve'] = ({ trials: [{ validation }], final: train }, { bands, classes }) => {
  const kernel = new Float32Array(bands * classes);
  const bias = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    const own = train.targets.flatMap((target, i) => (target === c ? [i] : []));
    const [values] = gathered(train, own);
    for (let b = 0; b < bands; b++) {
      const mean = own.reduce((sum, _, i) => sum + values[i * bands + b], 0) / own.length;
      kernel[b * classes + c] = mean;
      bias[c] -= (mean * mean) / 2;
    }
  }
  const network = sequential({ name: 'network' });
  network.add(layers.dense({ name: 'logits', units: classes, inputShape: [bands] }));
  network.add(layers.softmax({ name: 'softmax' }));
  network.setWeights([tensor(kernel, [bands, classes]), tensor(bias, [classes])]);
  return { network, heldOut: predictProbabilities(network, validation) };
};
export const nearestMean: NetworkDefinition = {
  description: 'another toy', input: 'vector', fitting: { by: 'closed form', solve }, answers: 'whole',
};`,
    table: 'networks/networks.ts',
    line: ['  masked,\n};', '  masked,\n  nearestMean,\n};'],
    name: 'nearestMean',
  },
  {
    what: 'a condition to test under',
    file: 'conditions/backwards.ts',
    source: `import type { Perturbation } from './perturbation.js';
export const backwards: Perturbation = ({ samples }) => samples.slice().reverse();`,
    table: 'conditions/conditions.ts',
    line: [
      '  telephone: {',
      "  backwards: { kind: 'order', description: 'played backwards', perturb: backwards },\n  telephone: {",
    ],
    name: 'backwards',
  },
  {
    what: 'a figure',
    file: 'run/speakers-figure.ts',
    source: `import type { RunFigure } from './figure.js';
export const speakers: RunFigure = {
  name: 'speakers', title: 'Speakers', caption: () => 'Who speaks.',
  draw: ({ prepared: { clips } }) => ({ data: [{ type: 'bar', x: [...new Set(clips.map(({ speaker }) => speaker))], y: [1] }], layout: {} }),
};`,
    table: 'run/figures.ts',
    line: ['  spectrogram,\n];', '  spectrogram,\n  speakers,\n];'],
    name: 'speakers',
  },
];

/** Adds everything to a copy of the project. */
function extended(folder: string): void {
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
  for (const name of ['package.json', 'tsconfig.json', 'bin'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', 'data']) symlinkSync(join(ROOT, name), join(folder, name), 'junction');
  for (const { file, source, table, line, name } of ADDITIONS) {
    writeFileSync(join(folder, 'src', file), source);
    const path = join(folder, 'src', table);
    const before = readFileSync(path, 'utf8');
    assert.equal(before.split(line[0]).length, 2, `${table} has one place for ${name}`);
    const [inner] = file.split('/').slice(-1);
    const imported = `import { ${name} } from './${inner.replace('.ts', '.js')}';\n`;
    writeFileSync(path, `${imported}${before.replace(line[0], line[1])}`);
  }
}

describe('what is added by one new file and one name in a table', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'ser-'));
  const corpus = join(folder, 'recordings');
  before(() => {
    extended(folder);
    smallCorpus(join(folder, 'emodb'));
    cpSync(join(folder, 'emodb'), corpus, { recursive: true, dereference: true });
    for (const name of readdirSync(corpus)) cpSync(join(corpus, name), join(corpus, `toy-${name}`));
    for (const name of readdirSync(corpus)) if (!name.startsWith('toy-')) rmSync(join(corpus, name));
  });
  after(() => rmSync(folder, { recursive: true }));

  const node = (args: readonly string[]) =>
    execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  /** Runs with a configuration, predicts one clip with the model, and says what it and the run found. */
  const carriedOut = (name: string, config: object) => {
    const script = `
      const { RUN_DEFAULTS, run, loadModel } = require('./src/index.ts');
      const { readRun } = require('./src/run/finished.ts');
      (async () => {
        const config = { ...RUN_DEFAULTS, data: 'recordings', epochs: 3, ...${JSON.stringify(config)} };
        const { metrics, bestEpoch } = await run(config, { directory: 'runs/${name}', backend: '${BACKEND}' });
        const { clips, probabilities, labels } = readRun('runs/${name}');
        const model = await loadModel('runs/${name}/model', { backend: '${BACKEND}' });
        const { probabilities: predicted } = await model.predict(clips[1].path);
        console.log(JSON.stringify({
          uar: metrics.train.uar, bestEpoch, emotions: labels,
          evaluated: [...probabilities.slice(labels.length, 2 * labels.length)], predicted: labels.map((label) => predicted[label]),
        }));
      })();`;
    writeFileSync(join(folder, 'run.cts'), script);
    return JSON.parse(node(['--require', 'tsx/cjs', 'run.cts']).trim().split('\n').pop()!);
  };

  it('keeps the rules of who may import whom', () => {
    node([
      join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      'src',
      '--config',
      join(ROOT, '.dependency-cruiser.cjs'),
    ]);
  });

  it('passes the type check', () => {
    node([join(ROOT, 'node_modules/typescript-7/bin/tsc'), '--noEmit', '-p', '.']);
  });

  it('a corpus: is listed and recognised', () => {
    assert.match(node(['bin/ser.js', 'corpora']), /^toy +Toy corpus/m);
    assert.match(node(['bin/ser.js', 'inspect', 'recordings']), /^toy: 24 clips of 4 speakers/);
  });

  it('a condition: is offered by the command, with what it is', () => {
    assert.match(node(['bin/ser.js', 'stress', '--help']), /order +backwards +played backwards/);
  });

  it('networks: are offered by the command, with what they are', () => {
    const help = node(['bin/ser.js', 'run', '--help']);
    assert.match(help, /masked +a toy/);
    assert.match(help, /nearestMean +another toy/);
  });

  it('a whole clip, a mask, batch normalisation, a frozen layer, an augmentation and a figure: one run', () => {
    const plain = carriedOut('plain', { network: 'masked' });
    assert.ok(plain.bestEpoch > 0);
    for (const [i, p] of plain.predicted.entries()) assert.ok(Math.abs(p - plain.evaluated[i]) < 1e-5);
    const augmented = carriedOut('augmented', { network: 'masked', augment: ['louder'] });
    assert.notDeepEqual(augmented.evaluated, plain.evaluated);
    assert.ok(existsSync(join(folder, 'runs/plain/figures/speakers.png')));
    assert.match(readFileSync(join(folder, 'runs/plain/report.html'), 'utf8'), /Who speaks\./);
  });

  it('a feature, a vector and a closed form: one run, without epochs', () => {
    const config = { network: 'nearestMean', features: { name: 'levels', options: { scale: 5 } }, normalise: 'train' };
    const { uar, bestEpoch, evaluated, predicted } = carriedOut('vector', config);
    assert.equal(bestEpoch, 0);
    // Loudness alone tells anger from sadness.
    assert.ok(uar > 0.5, `${uar}`);
    for (const [i, p] of predicted.entries()) assert.ok(Math.abs(p - evaluated[i]) < 1e-6);
    assert.ok(!existsSync(join(folder, 'runs/vector/figures/history.png')));
    assert.ok(!existsSync(join(folder, 'runs/vector/history.csv')));
  });
});
