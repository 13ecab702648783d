import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { writeFile, writeJson } from '../../src/common/files.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { answersTo } from '../../src/evaluation/predictions.js';
import type { TrainedModel } from '../../src/model/emotion-model.js';
import { loadModel } from '../../src/model/load.js';
import { type Blend, fittedBlend } from '../../src/networks/blend.js';
import type { NetworkDefinition } from '../../src/networks/network.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { compare } from '../../src/run/compare.js';
import { configFor, memberConfigs, type RunConfig } from '../../src/run/config.js';
import { type FinishedRun, readRun } from '../../src/run/finished.js';
import { runFolds } from '../../src/run/folds.js';
import { prepare } from '../../src/run/prepare.js';
import { SILENT } from '../../src/run/reporter.js';
import { type RunOptions, resume, run } from '../../src/run/run.js';
import { BACKEND, ser, smallCorpus } from '../cli/ser.js';

describe('a run with both networks', function () {
  this.timeout(240_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const [data, directory] = [join(root, 'small'), join(root, 'run')];
  const options: RunOptions = { backend: BACKEND, cacheDirectory: join(root, 'cache') };
  // On so few clips, compact is worth something where it knows the voices.
  const changes: Partial<RunConfig> = { data, protocol: 'random', augment: [], epochs: 25, validationShare: 0.3 };
  const config = configFor('both', changes);
  const said: string[] = [];
  let both: FinishedRun;
  let members: FinishedRun[];
  let model: TrainedModel;
  before(async () => {
    smallCorpus(data, { speakers: ['03', '08', '09', '10', '13', '14'], emotions: ['F', 'N', 'T', 'W'], each: 3 });
    await run(config, { ...options, directory, reporter: { ...SILENT, say: (line) => said.push(line) } });
    both = readRun(directory);
    members = ['compact', 'encoder'].map((name) => readRun(join(directory, name)));
    model = await loadModel(join(directory, 'model'), { backend: BACKEND });
  });
  after(() => {
    model.dispose();
    rmSync(root, { recursive: true });
  });

  const blendOf = () => JSON.parse(readFileSync(join(directory, 'model/model.json'), 'utf8')) as Blend;

  /** A copy of the run's model with another `model.json`, without its checksum unless that is given. */
  const modelWith = (name: string, change: object) => {
    const copy = join(root, name);
    cpSync(join(directory, 'model'), copy, { recursive: true });
    writeJson(join(copy, 'model.json'), { ...blendOf(), checksum: undefined, ...change });
    return copy;
  };

  it('has members that are the runs that the same options make, on the same sets', () => {
    assert.deepEqual(
      members.map((member) => member.config),
      [configFor('compact', changes), configFor('encoder', changes)],
    );
    for (const { clips, split, history } of [...members, both]) {
      assert.deepEqual([clips, split], [both.clips, both.split]);
      assert.ok(history.length === 0 || history.length === 25);
    }
  });

  it('averages their probabilities by shares, with a temperature, both fitted to the validation set', () => {
    const answers = members.map((member) => answersTo('validation', member));
    const rows = answers.map(({ probabilities }) => probabilities);
    const { shares, temperature } = blendOf();
    assert.deepEqual({ shares, temperature }, fittedBlend(rows, answers[0].targets));
    assert.ok(
      shares.every((share) => share > 0.001),
      `this test needs both: ${shares}`,
    );
    const classes = both.labels.length;
    for (let i = 0; i < both.clips.length; i++) {
      const powers = both.labels.map((_, c) => {
        const [p, q] = members.map(({ probabilities }) => probabilities[i * classes + c]);
        return (shares[0] * p + shares[1] * q) ** (1 / temperature);
      });
      const sum = powers.reduce((a, b) => a + b);
      for (const [c, power] of powers.entries())
        assert.ok(Math.abs(both.probabilities[i * classes + c] - power / sum) < 1e-4);
    }
    // What is fitted to a set is no worse there than what it is made of.
    for (const { metrics } of members) assert.ok(both.metrics.validation.loss <= metrics.validation.loss + 1e-6);
  });

  it('says so in the terminal, in the report and in the model card', () => {
    const sentence =
      /Averages the probabilities of compact \([\d.]+ %\) and encoder \([\d.]+ %\), with a temperature of/;
    assert.match(said.join('\n'), sentence);
    assert.match(readFileSync(join(directory, 'report.html'), 'utf8'), sentence);
    const card = readFileSync(join(directory, 'model/MODEL_CARD.md'), 'utf8');
    assert.match(card, sentence);
    assert.match(card, /That set also gave the shares of the members and the temperature/);
    assert.match(card, /^base_model: "openai\/whisper-base"$/m);
    assert.match(card, /ser run --data .* --network both .*--epochs 25/);
    for (const name of ['compact', 'encoder']) {
      assert.ok(existsSync(join(directory, name, 'report.html')));
      assert.ok(existsSync(join(directory, 'model', name, 'MODEL_CARD.md')));
    }
  });

  it('leaves a model that answers a recording as it was evaluated, within rounding', async () => {
    const { clips, labels, split, probabilities } = both;
    const some = [...split.train.slice(0, 3), ...split.test.slice(0, 3)];
    let next = 0;
    for await (const answer of model.predictFiles(some.map((i) => clips[i].path))) {
      assert.ok(!('reason' in answer));
      const i = some[next++];
      assert.deepEqual([answer.path, answer.windows.length], [clips[i].path, 1]);
      for (const [c, label] of labels.entries())
        assert.ok(Math.abs(answer.probabilities[label] - probabilities[i * labels.length + c]) < 1e-3);
      const { path, ...prediction } = answer;
      assert.deepEqual(await model.predict(path), prediction);
    }
    assert.equal(next, some.length);
    assert.deepEqual(model.settings.labels, labels);
    assert.deepEqual(model.settings.trainedOn, {
      ...{ corpus: 'emodb', protocol: 'random', seed: 42, network: 'both' },
      clips: split.train.length,
      speakers: new Set(split.train.map((i) => clips[i].speaker)).size,
      languages: ['de'],
    });
    assert.equal(model.backend.name, BACKEND);
  });

  it('answers the windows of a long recording, also as uncertain, and says what it cannot use', async () => {
    const { clips, labels } = both;
    const recordings = await Promise.all(clips.slice(0, 2).map(({ path }) => decodeFile(path)));
    const samples = Float32Array.from(recordings.flatMap((each) => [...each.samples]));
    const audio = { samples, sampleRateHz: recordings[0].sampleRateHz };
    const { windows, ...whole } = await model.predict(audio);
    assert.deepEqual(
      windows.map(({ startSeconds }) => startSeconds),
      [0, 1, 2],
    );
    const parts: TrainedModel[] = await Promise.all(
      members.map((member) => loadModel(member.model, { backend: BACKEND })),
    );
    const theirs = await Promise.all(parts.map((part) => part.predict(audio)));
    for (const part of parts) part.dispose();
    const { shares, temperature } = blendOf();
    for (const [found, from] of [
      [whole, theirs],
      [windows[1], theirs.map((each) => each.windows[1])],
    ] as const) {
      const powers = labels.map(
        (label) =>
          (shares[0] * from[0].probabilities[label] + shares[1] * from[1].probabilities[label]) ** (1 / temperature),
      );
      const sum = powers.reduce((a, b) => a + b);
      for (const [c, label] of labels.entries())
        assert.ok(Math.abs(found.probabilities[label] - powers[c] / sum) < 1e-6);
    }
    const doubtful = await model.predict(audio, { uncertainBelow: 1 });
    assert.deepEqual([doubtful.emotion, doubtful.likeliest], ['uncertain', whole.emotion]);
    await assert.rejects(model.predict(audio, { uncertainBelow: 2 }), { name: 'UsageError' });
    const missing = join(root, 'missing.wav');
    const answers = [];
    for await (const answer of model.predictFiles([missing, clips[0].path])) answers.push(answer);
    assert.ok('reason' in answers[0] && /missing\.wav/.test(answers[0].reason));
    assert.ok('emotion' in answers[1]);
  });

  it('goes on after an interruption, with the same result', async () => {
    const interrupted = join(root, 'interrupted');
    const controller = new AbortController();
    const reporter = { ...SILENT, epoch: () => controller.abort() };
    const { signal } = controller;
    const { finished } = await run(config, { ...options, directory: interrupted, reporter, signal, report: false });
    assert.equal(finished, false);
    assert.ok(!existsSync(join(interrupted, 'encoder')));
    const again = await resume(interrupted, { ...options, report: false });
    assert.equal(again.finished, true);
    assert.deepEqual(readRun(interrupted).probabilities, both.probabilities);
  });

  it('refuses members that did not use the same recordings', async () => {
    const other = join(root, 'other');
    cpSync(directory, other, { recursive: true });
    rmSync(join(other, 'metrics.json'));
    const clips = join(other, 'encoder/clips.csv');
    const text = readFileSync(clips, 'utf8');
    writeFile(clips, text.replace(',validation,', ',test,'));
    rmSync(join(other, 'encoder/checksums.txt'));
    await assert.rejects(resume(other, options), {
      name: 'InputError',
      message: /^Cannot average compact and encoder: they must use the same recordings in the same sets, and those of /,
    });
  });

  it('refuses what its members have no use for, before there is a folder', async () => {
    const none = join(root, 'none');
    const refused = async (more: object, message: RegExp) => {
      await assert.rejects(run({ ...config, ...more }, { ...options, directory: none }), {
        name: 'UsageError',
        message,
      });
      assert.ok(!existsSync(none));
    };
    await refused({ sizes: { filters: [4] } }, /the network both has no other sizes/);
    const { features } = configFor('compact');
    await refused(
      { features: { ...features, options: { ...features.options, bands: 40 } } },
      /the network encoder takes the features logMel, current value is mel/,
    );
    await assert.rejects(prepare(config, await loadCorpus(data)), {
      name: 'UsageError',
      message: /^Cannot prepare clips for both: each of its members, compact and encoder, takes others/,
    });
    assert.deepEqual(memberConfigs(configFor('compact')), []);
  });

  it('refuses a model that is damaged', async () => {
    const refused = (folder: string, message: RegExp) =>
      assert.rejects(loadModel(folder, { backend: BACKEND }), { name: 'InputError', message });
    await refused(
      modelWith('sum', { shares: [0.5, 0.6] }),
      /each member must have a share, and all of them must add up/,
    );
    await refused(modelWith('one', { shares: [1] }), /each member must have a share/);
    await refused(modelWith('cold', { temperature: 0 }), /temperature/);
    await refused(modelWith('outside', { members: ['../compact', 'encoder'] }), /members/);
    await refused(modelWith('old', { format: 1 }), /its format is 1, this version reads 2/);
    await refused(modelWith('lost', { members: ['compact', 'lost'] }), /there is no model\.json/);
    const { checksum } = blendOf() as Blend & { checksum?: string };
    assert.ok(checksum);
    await refused(modelWith('changed', { shares: [0.75, 0.25], checksum }), /it was changed since it was saved/);
    const labels = modelWith('labels', {});
    const member = join(labels, 'compact/model.json');
    const text = readFileSync(member, 'utf8').replace(/,\s+"checksum": "\w+"/, '');
    writeFileSync(member, text.replace('"anger"', '"envy"'));
    await refused(labels, /Cannot load the models compact,encoder as one: they must know the same emotions/);
  });

  it('is what the command trains, predicts with and tests', async () => {
    const command = join(root, 'command');
    const args = ['run', '--data', data, '--network', 'both', '--epochs', '1', '--augment', 'none', '--out', command];
    const { code, stdout, stderr } = await ser([...args, '--backend', BACKEND]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^train: /);
    const told = readRun(join(command, 'compact')).config;
    assert.deepEqual([told.epochs, told.augment], [1, []]);
    for (const folder of [command, join(command, 'compact')]) {
      const predicted = await ser(['predict', join(data, '03a01Fa.flac'), '--model', folder, '--csv']);
      assert.equal(predicted.code, 0, predicted.stderr);
      assert.match(predicted.stdout, /03a01Fa\.flac,2,[a-z]+,0\.\d+/);
    }
    const stressed = await ser(['stress', command, '--only', 'gain+6dB', '--backend', BACKEND]);
    assert.equal(stressed.code, 0, stressed.stderr);
  });

  describe('other ensembles', () => {
    const networks = NETWORKS as Record<string, NetworkDefinition>;
    before(() => {
      networks.quick = { ...NETWORKS.both, fitting: { by: 'members', members: ['functionals', 'encoder'] } };
    });
    after(() => {
      delete networks.quick;
    });

    it('are trained fold by fold', async () => {
      const folds = join(root, 'folds');
      const { pooled } = await runFolds(
        { ...configFor('quick', { data }), groups: 2 },
        { ...options, directory: folds },
      );
      const clips = Object.values(pooled!.metrics.perClass).reduce((sum, { support }) => sum + support, 0);
      assert.equal(clips, both.clips.length);
    });

    it('are compared with other networks, and their model is the one that predicts if they are best', async () => {
      const comparison = join(root, 'comparison');
      const { best } = await compare(['quick', 'functionals'], { data }, { ...options, directory: comparison });
      assert.equal(best, 'quick');
      const chosen = await loadModel(join(comparison, 'model'), { backend: BACKEND });
      assert.equal(chosen.settings.trainedOn.network, 'quick');
      chosen.dispose();
    });

    it('with the protocol of the original, are fitted to the test set as training is, and called optimistic', async () => {
      const original = join(root, 'original');
      await run(configFor('quick', { data, protocol: 'original' }), { ...options, directory: original });
      const { metrics } = readRun(original);
      assert.deepEqual(metrics.validation, metrics.test);
      assert.match(readFileSync(join(original, 'model/MODEL_CARD.md'), 'utf8'), /figures below are optimistic/);
    });
  });
});
