import assert from 'node:assert/strict';
import { load } from 'js-yaml';
import type { Split } from '../../src/dataset/splits.js';
import { SUBSETS, splitClips } from '../../src/dataset/splits.js';
import { evaluate } from '../../src/evaluation/metrics.js';
import { configFor, type RunConfig } from '../../src/run/config.js';
import { cardFacts, modelCard } from '../../src/run/model-card.js';
import type { Outcome } from '../../src/run/outcome.js';

/** Those of huggingface/hub-docs, modelcard.md, and `pipeline_tag` of its docs/hub/model-cards.md. */
const DOCUMENTED = {
  card: [
    ...['language', 'license', 'license_name', 'license_link', 'library_name', 'tags', 'datasets', 'metrics'],
    ...['base_model', 'pipeline_tag', 'model-index'],
  ],
  task: ['type', 'name'],
  dataset: ['type', 'name', 'config', 'split', 'revision', 'args'],
  metric: ['type', 'value', 'name', 'config', 'args'],
};

/** Some of docs/hub/repositories-licenses.md. */
const LICENCES = ['mit', 'cc0-1.0', 'cc-by-4.0', 'cc-by-nc-sa-4.0', 'cc-by-nc-nd-4.0', 'odbl', 'other'];

interface Card {
  readonly license: string;
  readonly 'model-index': readonly {
    readonly name: string;
    readonly results: readonly {
      readonly task: object;
      readonly dataset: { readonly split: string; readonly args: { readonly protocol: string } };
      readonly metrics: readonly { readonly type: string; readonly value: number }[];
    }[];
  }[];
  readonly [key: string]: unknown;
}

const LABELS = ['anger', 'happiness', 'sadness'];

/** What a run over twelve speakers would tell, whose network is sure of two thirds of the clips, and wrong about the others. */
function outcomeOf(corpus: string, network: string, change: Partial<RunConfig> = {}): Outcome {
  const clips = Array.from({ length: 72 }, (_, i) => ({
    path: `${String(i).padStart(2, '0')}.wav`,
    corpus,
    speaker: `s${i % 12}`,
    emotion: LABELS[Math.floor(i / 12) % 3],
    label: '',
    text: `t${Math.floor(i / 36)}`,
    ...(corpus === 'emodb' && { sex: i % 12 < 5 ? ('female' as const) : ('male' as const) }),
  }));
  const config = configFor(network, { data: 'data', ...change });
  const split: Split = splitClips(clips, config);
  const targets = clips.map(({ emotion }) => LABELS.indexOf(emotion));
  const probabilities = new Float32Array(3 * clips.length);
  for (const [i, target] of targets.entries()) probabilities[3 * i + (i % 3 === 0 ? 0 : target)] = 1;
  const metrics = Object.fromEntries(
    SUBSETS.map((set) => {
      const rows = split[set].flatMap((i) => [...probabilities.subarray(3 * i, 3 * i + 3)]);
      const answer = evaluate(
        split[set].map((i) => targets[i]),
        Float32Array.from(rows),
        LABELS,
      );
      return [set, answer];
    }),
  );
  return {
    directory: 'runs/first',
    corpus: { name: corpus, root: 'data', clips, misnamed: [], repeated: [] },
    prepared: {
      config,
      clips,
      split,
      labels: LABELS,
      shape: { bands: 128, frames: 87, classes: 3, seed: 1 },
      skipped: [{ clip: clips[0], reason: 'it is empty' }],
    },
    probabilities,
    metrics,
    environment: {
      project: '1.2.3',
      node: 'v20',
      backend: { name: 'native', tfjs: '4.22.0', tensorflow: '2.15.1', threads: 2 },
    },
    fitted: { history: network === 'original' ? [{ epoch: 1 }] : [], bestEpoch: network === 'original' ? 1 : 0 },
  } as unknown as Outcome;
}

function parsed(text: string): Card {
  const [, front] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
  return load(front) as Card;
}

const section = (text: string, heading: string) => text.split(`## ${heading}\n`)[1].split('\n## ')[0];

describe('modelCard()', () => {
  for (const [corpus, network] of [
    ['emodb', 'encoder'],
    ['emodb', 'original'],
    ['tess', 'original'],
    ['cremad', 'original'],
    ['savee', 'original'],
    ['emozionalmente', 'original'],
    ["Ann's: own #1", 'original'],
  ])
    it(`has metadata as Hugging Face documents it: ${corpus}, ${network}`, () => {
      const outcome = outcomeOf(corpus, network);
      const card = parsed(modelCard(cardFacts(outcome)));
      const known = (value: object, keys: readonly string[]) =>
        assert.deepEqual(
          Object.keys(value).filter((key) => !keys.includes(key)),
          [],
        );
      known(card, DOCUMENTED.card);
      assert.ok(LICENCES.includes(card.license), card.license);
      assert.equal(card.license === 'other', 'license_name' in card);
      assert.equal(card.pipeline_tag, 'audio-classification');
      const [{ results, name }] = card['model-index'];
      assert.match(name, /^[\w.-]+$/);
      const [{ task, dataset, metrics }] = results;
      known(task, DOCUMENTED.task);
      known(dataset, DOCUMENTED.dataset);
      for (const metric of metrics) known(metric, DOCUMENTED.metric);
      const { accuracy, uar, macroF1 } = outcome.metrics.test;
      assert.deepEqual(
        metrics.map(({ type }) => type),
        ['accuracy', 'recall', 'f1'],
      );
      for (const [i, value] of [accuracy, uar, macroF1].entries()) assert.ok(Math.abs(metrics[i].value - value) < 1e-4);
      assert.deepEqual([dataset.split, dataset.args.protocol], ['test', 'speaker']);
    });

  it('names the language, the licence and the encoder, where they are known', () => {
    const keys = ({ language, license, license_name, base_model, datasets }: Card) => [
      ...[language, license, license_name, base_model, datasets],
    ];
    assert.deepEqual(keys(parsed(modelCard(cardFacts(outcomeOf('emodb', 'encoder'))))), [
      ...[['de'], 'cc0-1.0', undefined, 'openai/whisper-base', ['emodb']],
    ]);
    assert.deepEqual(keys(parsed(modelCard(cardFacts(outcomeOf("Ann's: own #1", 'original'))))), [
      ...[undefined, 'other', 'unknown', undefined, ['Ann-s-own-1']],
    ]);
    assert.equal(
      parsed(modelCard(cardFacts(outcomeOf('savee', 'original')))).license_name,
      'for research only, on registration',
    );
  });

  it('tells what data it was made of, and how they were divided', () => {
    const outcome = outcomeOf('emodb', 'encoder');
    const text = modelCard(cardFacts(outcome));
    const data = section(text, 'Data');
    for (const phrase of [
      'Berlin Database of Emotional Speech (EMO-DB), licence: CC0-1.0.',
      'doi:10.5281/zenodo.7447302',
      '72 clips of 12 speakers (5 female, 7 male); 1 unusable clip was left out.',
      '| happiness | 24 |',
    ])
      assert.ok(data.includes(phrase), phrase);
    const division = section(text, 'How the clips were divided');
    assert.match(division, /Protocol `speaker`: no speaker is on two sides/);
    assert.ok(division.includes(`| test | ${outcome.prepared.split.test.length} |`));
    assert.match(division, /In the end the model was fitted to both/);
    assert.doesNotMatch(division, /optimistic/);
  });

  it('says what is optimistic, and that a test set steered training', () => {
    const division = section(
      modelCard(cardFacts(outcomeOf('emodb', 'original', { protocol: 'original' }))),
      'How the clips were divided',
    );
    assert.match(division, /\*\*The figures below are optimistic\*\*/);
    assert.match(division, /The test set also steered training/);
    assert.doesNotMatch(division, /\| validation/);
  });

  it('has the results of each set and emotion, the calibration and the worst emotion', () => {
    const outcome = outcomeOf('tess', 'original');
    const { test } = outcome.metrics;
    const text = modelCard(cardFacts(outcome));
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const results = section(text, 'Results');
    // It was always sure: by as much as it was wrong, the two differ.
    assert.ok(
      results.includes(
        `| test | ${[test.uar, test.macroF1, test.accuracy, 1 - test.accuracy].map(percent).join(' | ')} |`,
      ),
    );
    const { support, recall, precision, f1 } = test.perClass.sadness;
    assert.ok(results.includes(`| sadness | ${[support, ...[recall, precision, f1].map(percent)].join(' | ')} |`));
    assert.ok(results.includes('Guessing finds 33.3 % of each emotion'));
    const least = Math.min(...LABELS.map((label) => test.perClass[label].recall));
    assert.match(section(text, 'Limits'), new RegExp(`it finds \\w+ worst: ${percent(least)}`));
  });

  it('says what it must not be used for, its licences, and how it was made', () => {
    const text = modelCard(cardFacts(outcomeOf('emodb', 'encoder', { seed: 7 })));
    const prohibited = section(text, 'What it must not be used for');
    for (const word of ['hiring', 'Surveillance', 'at work or in education', 'Article 5(1)(f)', 'medical'])
      assert.ok(prohibited.includes(word), word);
    const licences = section(text, 'Licences');
    assert.match(licences, /passes its licence on: CC0-1\.0/);
    assert.match(licences, /`whisper-base-3`, is not in this folder, it comes with the project: MIT, Copyright/);
    const made = section(text, 'How it was made');
    for (const phrase of [
      'Seed: 7',
      'Fitted at once',
      'speech-emotion 1.2.3',
      'TensorFlow 2.15.1',
      '--network encoder',
    ])
      assert.ok(made.includes(phrase), phrase);
    assert.match(
      section(modelCard(cardFacts(outcomeOf('emodb', 'original'))), 'How it was made'),
      /1 epoch, the best one 1/,
    );
  });

  it('says which languages the speakers speak, and whether they act', () => {
    const limits = (corpus: string) => section(modelCard(cardFacts(outcomeOf(corpus, 'original'))), 'Limits');
    assert.match(limits('emodb'), /The emotions are acted\..*speak one language \(de\)/s);
    assert.match(limits('esd'), /The emotions are acted\..*speak several languages \(en, zh\)/s);
    assert.match(limits('urdu'), /The emotions are not acted\..*speak one language \(ur\)/s);
    assert.deepEqual(parsed(modelCard(cardFacts(outcomeOf('esd', 'original')))).language, ['en', 'zh']);
    const outcome = outcomeOf('urdu', 'original');
    const clips = outcome.prepared.clips.map((clip, i) => (i % 2 === 0 ? clip : { ...clip, corpus: 'emodb' }));
    const both = modelCard(cardFacts({ ...outcome, prepared: { ...outcome.prepared, clips } }));
    assert.match(section(both, 'Limits'), /The emotions are acted, but for those of urdu\./);
  });

  it('admits what it does not know of recordings that no published corpus has', () => {
    const text = modelCard(cardFacts(outcomeOf("Ann's: own #1", 'original')));
    assert.match(section(text, 'Data'), /Their licence and source are not known to this card/);
    assert.match(section(text, 'Limits'), /Whether the emotions are acted or felt is not known/);
    assert.match(section(text, 'Limits'), /Which languages they speak is not known/);
    assert.match(section(text, 'Licences'), /ask whoever trained the model/);
  });
});
