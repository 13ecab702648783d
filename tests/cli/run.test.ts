import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { readCsv } from '../../src/common/csv.js';
import { batchFiles, cachedSettings } from '../../src/features/extraction/cache-folder.js';
import { wav } from '../audio/wav.js';
import { HAS_SIGNALS } from '../setup/system.js';
import { BACKEND, EMODB, type Outcome, ser, shell, smallCorpus, start } from './ser.js';

const ESCAPE = String.fromCharCode(27);
const QUICK = ['--network', 'original', '--epochs', '1', '--backend', BACKEND];

describe('ser run', function () {
  this.timeout(180000);
  let root: string;
  let small: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
    small = join(root, 'small corpus');
    smallCorpus(small);
  });
  after(() => rmSync(root, { recursive: true }));

  const at = (...names: string[]) => join(root, ...names);
  const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const failed = ({ code, stdout, stderr }: Outcome, message: RegExp) => {
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at |fault of the program/);
  };

  it('takes every option, and keeps what determines the result', async () => {
    const { code, stdout, stderr } = await ser([
      ...['run', '--corpus', 'emodb', '--data', small, '--protocol', 'speaker'],
      ...['--emotions', 'anger,joy', '--map', 'sad=happy'],
      ...['--test-speaker', '08', '--test-speaker', '03', '--network', 'time', '--normalise', 'train'],
      ...['--epochs', '2', '--batch-size', '7', '--patience', '3', '--learning-rate', '2e-3', '--seed', '5'],
      ...['--schedule', 'one-cycle', '--weight-decay', '0.02', '--label-smoothing', '0.1'],
      ...['--class-weights', 'balanced', '--augment', 'masking,voice'],
      ...[
        '--max-skipped',
        '0.5',
        '--allow-truncated',
        '0.1',
        '--test-share',
        '0.3',
        '--validation-share',
        '0.25',
        '--workers',
        '1',
        '--backend',
        BACKEND,
        ...['--duration', '1.5', '--offset', '0.25'],
        '--out',
        at('all options'),
      ],
    ]);
    assert.equal(code, 0, stderr);
    const { features, frames, relativeTo, ...config } = json(at('all options', 'config.json'));
    assert.equal(typeof relativeTo, 'string');
    assert.deepEqual(config, {
      data: small,
      corpus: 'emodb',
      emotions: ['anger', 'joy'],
      map: { sad: 'happy' },
      protocol: 'speaker',
      seed: 5,
      testShare: 0.3,
      validationShare: 0.25,
      testSpeakers: ['08', '03'],
      network: 'time',
      sizes: {},
      normalise: 'train',
      augment: ['masking', 'voice'],
      speeds: [],
      conditions: [],
      epochs: 2,
      batchSize: 7,
      patience: 3,
      learningRate: 0.002,
      schedule: 'one-cycle',
      weightDecay: 0.02,
      labelSmoothing: 0.1,
      classWeights: 'balanced',
      maxSkipped: 0.5,
      allowTruncated: 0.1,
      offsetSeconds: 0.25,
    });
    // 1.5 s are 65 frames.
    assert.deepEqual([features.name, features.options.bands, frames], ['mel', 128, 66]);
    assert.equal(json(at('all options', 'environment.json')).backend.name, BACKEND);
    const clips = Papa.parse<Record<string, string>>(readFileSync(at('all options', 'clips.csv'), 'utf8'), {
      header: true,
      skipEmptyLines: true,
    }).data;
    assert.deepEqual([...new Set(clips.filter((c) => c.set === 'test').map((c) => c.speaker))].sort(), ['03', '08']);
    assert.deepEqual([...new Set(clips.map((c) => `${c.emotion} ${c.label}`))].sort(), [
      ...['anger W', 'happiness F', 'happiness T'],
    ]);
    // Results on standard output, progress on the other, neither with colours.
    assert.match(stdout, /^Best epoch [12] of 2\.\ntrain: .*UAR.*\nvalidation: .*\ntest: /);
    assert.match(stdout, new RegExp(`\\nReport: ${at('all options', 'report.html')}\n$`));
    assert.match(stdout, /\nProtocol speaker: no speaker is on two sides: .*\.\n/);
    assert.match(stderr, /epoch 2\/2 {2}loss/);
    assert.ok(!`${stdout}${stderr}`.includes(ESCAPE));
    // The report's command makes the same run.
    const report = readFileSync(at('all options', 'report.html'), 'utf8');
    assert.match(report, /--test-speaker 08 --test-speaker 03/);
    // What it does not hear is said before training and in the report: all clips have 2 s.
    const unheard =
      'The network never hears 23.4 % of the sound: of each clip, time takes what lies between 0.25 s and 1.78 s, and 24 of 24 clips have more';
    const [before] = stderr.split(/epoch 1/);
    assert.ok(before.includes(`${unheard}; --duration and --offset of a run choose another part`), stderr);
    assert.ok(report.includes(`<li>${unheard}.</li>`));
    assert.equal(json(at('all options', 'metrics.json')).unheard.toFixed(3), '0.234');
  });

  it('puts the run into a new folder in runs/ unless told otherwise', async () => {
    mkdirSync(at('elsewhere'));
    const { code, stderr } = await ser(['run', '--data', small, ...QUICK], { cwd: at('elsewhere') });
    assert.equal(code, 0, stderr);
    const [name, ...others] = readdirSync(at('elsewhere', 'runs'));
    assert.match(name, /^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/);
    assert.deepEqual(others, []);
  });

  for (const protocol of ['random', 'original'])
    it(`says that figures by the protocol ${protocol} are optimistic`, async () => {
      const args = ['run', '--data', small, '--protocol', protocol, '--out', at(protocol), ...QUICK];
      const { code, stdout, stderr } = await ser(args);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`\\nProtocol ${protocol}: .* so the figures are optimistic\\.\\n`));
    });

  it('knows the corpus that comes with the project from any folder', async () => {
    mkdirSync(at('another'));
    const help = await ser(['run', '--help'], { cwd: at('another') });
    assert.ok(help.stdout.replace(/\s+/g, '').includes(`(default:${JSON.stringify(EMODB)})`));
    assert.ok((await ser(['run', '--help'])).stdout.includes('(default: "data/emodb")'));
  });

  describe('refuses, and leaves no folder behind,', () => {
    const cases: [what: string, make: (folder: string) => void, message: RegExp, args?: string[]][] = [
      ['no such folder', () => {}, /No such folder/],
      ['an empty folder', (folder) => mkdirSync(folder), /There are no recordings in .*expected files ending in \.wav/],
      [
        'a folder of no known corpus',
        (folder) => {
          mkdirSync(folder);
          writeFileSync(join(folder, 'hello.wav'), wav([0.5, -0.5]));
        },
        /is not a known corpus.*hello\.wav.*--corpus.*CSV manifest/,
      ],
      [
        'one class only',
        (folder) => smallCorpus(folder, { speakers: ['03', '08', '09'], emotions: ['W'], each: 2 }),
        /at least 2 are needed, and there is only anger/,
      ],
      [
        'a class with fewer clips than the split needs',
        (folder) => {
          smallCorpus(folder, { speakers: ['03', '08'], emotions: ['W'], each: 3 });
          copyFileSync(join(EMODB, '03a01Fa.flac'), join(folder, '03a01Fa.flac'));
        },
        /class happiness has too few clips/,
        ['--protocol', 'random'],
      ],
      [
        'one speaker',
        (folder) => smallCorpus(folder, { speakers: ['03'], emotions: ['W', 'F'], each: 3 }),
        /Cannot split by speaker: .*only 03 is left to divide; use another --protocol/,
      ],
      ['a file that is no corpus', (folder) => writeFileSync(folder, 'x'), /is not a folder/],
    ];
    for (const [i, [what, make, message, args = []]] of cases.entries())
      it(what, async () => {
        const folder = at(`bad ${i}`);
        make(folder);
        failed(await ser(['run', '--data', folder, '--out', at('never'), ...QUICK, ...args]), message);
        assert.ok(!existsSync(at('never')));
      });
  });

  describe('with unusable files', () => {
    const REASONS: Record<string, RegExp> = {
      'empty.wav': /the file is empty/,
      'zero length.wav': /there is no audio in it/,
      'truncated.wav': /truncated/,
      'silent.wav': /silent/,
      'nan.wav': /not a finite number/,
      'text.wav': /not a recording, but a text, which begins with "Dear diary/,
      'ten hours.wav': /longer|hour/,
      '-ümläut.flac': /truncated/,
    };
    let manifest: string;
    before(() => {
      const folder = at('recordings ä');
      const names = smallCorpus(folder);
      const tone = Array.from({ length: 8000 }, (_, i) => Math.sin(i / 10) / 2);
      const nan = wav(tone, { codec: 'float', bits: 32 });
      nan.writeFloatLE(Number.NaN, nan.length - 4);
      const long = wav([0.5], { dataSize: 10 * 3600 * 16000 * 2 });
      const files: Record<string, string | Uint8Array> = {
        'empty.wav': '',
        'zero length.wav': wav([]),
        'truncated.wav': wav(tone).subarray(0, 9000),
        'silent.wav': wav(tone.map(() => 0)),
        'nan.wav': nan,
        'text.wav': 'Dear diary, this is no recording at all.',
        'ten hours.wav': long,
        '-ümläut.flac': readFileSync(join(EMODB, '03a01Fa.flac')).subarray(0, 20000),
      };
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
      // Sparse: takes no room.
      truncateSync(join(folder, 'ten hours.wav'), 44 + 10 * 3600 * 16000 * 2);
      const emotion: Record<string, string> = { F: 'happiness', T: 'sadness', W: 'anger' };
      manifest = at('recordings ä', 'list.csv');
      writeFileSync(
        manifest,
        [
          'path,emotion,speaker',
          ...names.map((name) => `${name},${emotion[name[5]]},${name.slice(0, 2)}`),
          ...Object.keys(files).map((name) => `${name},anger,03`),
        ].join('\n'),
      );
    });

    it('leaves them out, and lists them at the end, in the report and in clips.csv', async () => {
      const out = at('skipping');
      const { code, stdout, stderr } = await ser([
        ...['run', '--data', manifest, '--max-skipped', '0.5', '--out', out, ...QUICK],
      ]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /8 unusable clips are left out/);
      const listed = stdout.slice(stdout.indexOf('Left out, as unusable (8):'));
      const report = readFileSync(join(out, 'report.html'), 'utf8');
      const clips = readCsv(join(out, 'clips.csv'));
      for (const [name, reason] of Object.entries(REASONS)) {
        const line = listed.split('\n').find((text) => text.includes(name));
        assert.match(line ?? '', reason);
        assert.ok(report.includes(name), name);
        const row = clips.find(({ path }) => path.includes(name));
        assert.equal(row?.set, 'skipped');
        assert.match(row?.problem ?? '', reason);
      }
    });

    it('stops where they are more than --max-skipped, names them and the option', async () => {
      const args = ['run', '--data', manifest, '--out', at('too many'), ...QUICK];
      const outcome = await ser(args);
      failed(outcome, /8 of 32 clips are unusable, and at most 1 % may be \(--max-skipped\)/);
      for (const [name, reason] of Object.entries(REASONS)) {
        const line = outcome.stderr.split('\n').find((text) => text.includes(name));
        assert.match(line ?? '', reason);
      }
      // Nothing is left that would be in the way of what was advised.
      assert.ok(!existsSync(at('too many')));
      const advised = await ser([...args, '--max-skipped', '0.5']);
      assert.equal(advised.code, 0, advised.stderr);
    });

    it('goes on with another --max-skipped and other --workers where that is what stopped it', async () => {
      const out = at('gone on with');
      rmSync(out, { recursive: true, force: true });
      mkdirSync(out);
      const config = json(at('skipping', 'config.json'));
      writeFileSync(join(out, 'config.json'), JSON.stringify({ ...config, maxSkipped: 0.01 }));
      failed(
        await ser(['run', '--data', manifest, '--out', out, ...QUICK]),
        new RegExp(`is not empty; choose another --out, or go on with the run in it: ser run --resume '${out}'`),
      );
      failed(
        await ser(['run', '--resume', out]),
        /8 of 32 clips are unusable, and at most 1 % may be \(--max-skipped\)/,
      );
      const { code, stderr } = await ser([
        ...['run', '--resume', out, '--max-skipped', '0.3', '--workers', '1', '--backend', BACKEND],
      ]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(json(join(out, 'config.json')), { ...config, maxSkipped: 0.3 });
      assert.equal(
        readFileSync(join(out, 'predictions.csv'), 'utf8'),
        readFileSync(at('skipping', 'predictions.csv'), 'utf8'),
      );
    });
  });

  describe('where it cannot write', () => {
    it('says so before it begins: below a file, in a folder that is not empty', async () => {
      writeFileSync(at('a file'), '');
      const run = (out: string) => ser(['run', '--data', small, '--out', out, ...QUICK]);
      failed(await run(at('a file', 'run')), /Cannot write .*a part of the path is a file/);
      failed(await run(at('a file')), /it is a file, not a folder/);
      failed(await run(small), /is not empty; choose another --out\n/);
      if (process.platform === 'linux') failed(await run('/proc/run'), /Cannot write \/proc\/run/);
    });

    it('fails clearly on a full disk, keeps what is done, and goes on with --resume', async function () {
      if (process.platform === 'win32') this.skip();
      // Files may not be larger than 3 MB here: the model fits, the state of the training does not. Like on a full disk,
      // the first write takes a set of the data, and only the next one fails.
      const out = at('full disk');
      const limited = await shell(
        `ulimit -f 3000; ser run --network original --data '${small}' --out '${out}' --epochs 2 --backend ${BACKEND}`,
      );
      failed(limited, /Cannot write .*training-state\.bin/);
      assert.ok(existsSync(join(out, 'history.csv')));
      assert.deepEqual(
        readdirSync(out).filter((name) => /tmp|lock|state/.test(name)),
        [],
      );
      const resumed = await ser(['run', '--resume', out]);
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.equal(json(join(out, 'metrics.json')).epochs, 2);
    });
  });

  describe('interrupted', () => {
    before(function () {
      if (!HAS_SIGNALS) this.skip();
    });

    // Enough to last until a signal arrives.
    const EPOCHS = BACKEND === 'native' ? '30' : '8';
    const TRAINING = ['--network', 'original', '--epochs', EPOCHS, '--patience', EPOCHS, '--backend', BACKEND];
    const inEpoch = (epoch: number) => (stderr: string) => new RegExp(`epoch +${epoch}/${EPOCHS} `).test(stderr);

    /** What a run came to, without the times and the folder's name. */
    function results(folder: string) {
      const { seconds, ...metrics } = json(join(folder, 'metrics.json'));
      const history = Papa.parse<string[]>(readFileSync(join(folder, 'history.csv'), 'utf8')).data;
      return {
        metrics,
        history: history.map((row) => row.slice(0, -1)),
        predictions: readFileSync(join(folder, 'predictions.csv'), 'utf8'),
        clips: readFileSync(join(folder, 'clips.csv'), 'utf8'),
        // Named after their content.
        weights: ['model', 'checkpoint'].map((name) => readdirSync(join(folder, name)).sort()),
        files: readdirSync(folder).sort(),
      };
    }

    it('by Ctrl-C, then killed, gives the same results as a run that was not', async () => {
      const whole = await ser(['run', '--data', small, '--out', at('whole'), ...TRAINING]);
      assert.equal(whole.code, 0, whole.stderr);
      const out = at("it's broken");
      const first = start(['run', '--data', small, '--out', out, ...TRAINING]);
      await first.until(inEpoch(2));
      first.kill('SIGINT');
      const interrupted = await first.done;
      failed(interrupted, /Interrupted after \d+ epochs, all kept; go on with ser run --resume '.*it'\\''s broken'/);
      for (const name of ['training-state.bin', 'model', 'history.csv', 'clips.csv'])
        assert.ok(existsSync(join(out, name)), name);
      assert.ok(!existsSync(join(out, 'lock')));

      const second = start(['run', '--resume', out]);
      await second.until((text) => /epoch .*\n.*epoch /.test(text));
      second.kill('SIGKILL');
      assert.equal((await second.done).signal, 'SIGKILL');
      // As if it had been killed while it wrote.
      writeFileSync(join(out, 'history.csv.123-0.tmp'), 'epo');

      // From another folder than the one that it was begun in.
      const third = await ser(['run', '--resume', out, '--workers', '1'], { cwd: root });
      assert.equal(third.code, 0, third.stderr);
      assert.match(third.stderr, /Resuming after epoch \d/);
      assert.deepEqual(results(out), results(at('whole')));
    });

    it('by a second Ctrl-C ends at once', async () => {
      const running = start(['run', '--data', EMODB, '--out', at('twice'), '--backend', BACKEND]);
      await running.until((text) => text.includes('features 535/535'));
      running.kill('SIGINT');
      await running.until((text) => text.includes('Interrupted: finishing the step at hand; once more to end at once'));
      running.kill('SIGINT');
      assert.equal((await running.done).signal, 'SIGINT');
      assert.ok(!existsSync(at('twice', 'model')));
    });

    it('while features are extracted stops at once, and goes on with those that it has', async () => {
      const cache = at('cache');
      const env = { SPEECH_EMOTION_FEATURE_CACHE: cache };
      const out = at('features');
      const begun = () =>
        existsSync(cache) &&
        readdirSync(cache, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith('.tmp'));
      const kept = () => cachedSettings(cache, batchFiles(cache))[0].entries!;
      const args = ['run', '--data', EMODB, '--out', out, '--workers', '1', ...QUICK, '--batch-size', '128'];
      const running = start(args, { env });
      await running.until(begun);
      const then = performance.now();
      running.kill('SIGINT');
      const outcome = await running.done;
      failed(outcome, /Interrupted; the features so far are kept; go on with ser run --resume \S+features\n/);
      assert.ok(performance.now() - then < 3000);
      assert.ok(kept() > 0 && kept() < 535, String(kept()));
      const before = batchFiles(cache);
      assert.deepEqual(readdirSync(out).sort(), ['checksums.txt', 'config.json', 'cost.json', 'environment.json']);
      const resumed = await ser(['run', '--resume', out], { env });
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.equal(kept(), 535, 'none is made twice');
      assert.ok(before.every(({ path }) => existsSync(path)));
    });

    it('refuses to resume a finished run, no run, a damaged one, and one whose recordings changed', async () => {
      const resume = (folder: string) => ser(['run', '--resume', folder]);
      failed(await resume(at('whole')), /that run is finished; its report is .*report\.html/);
      failed(await resume(small), /there is no config\.json, so it is not a run's folder/);
      failed(await resume(at('nowhere')), /there is no config\.json/);

      const corpus = at('changing');
      smallCorpus(corpus);
      const out = at('damaged');
      const running = start(['run', '--data', corpus, '--out', out, ...TRAINING]);
      await running.until(inEpoch(1));
      running.kill('SIGINT');
      await running.done;
      rmSync(join(corpus, readdirSync(corpus)[0]));
      failed(await resume(out), /Cannot resume: the recordings in .* are no longer those in .*clips\.csv/);
      rmSync(corpus, { recursive: true });
      smallCorpus(corpus);
      // Another content of the same length under the same name, here of the encoder's name, which is not sound.
      const recording = join(corpus, readdirSync(corpus)[0]);
      const content = readFileSync(recording);
      rmSync(recording);
      content[content.indexOf('libFLAC')] ^= 1;
      writeFileSync(recording, content);
      failed(await resume(out), /Cannot resume: the recordings in .* are no longer those in .*clips\.csv/);
      rmSync(corpus, { recursive: true });
      smallCorpus(corpus);
      const state = readFileSync(join(out, 'training-state.bin'));
      writeFileSync(join(out, 'training-state.bin'), state.subarray(0, 1000));
      failed(await resume(out), /training-state\.bin is damaged; delete it/);
      const config = readFileSync(join(out, 'config.json'), 'utf8');
      writeFileSync(join(out, 'config.json'), config.slice(0, 50));
      failed(await resume(out), /config\.json is damaged/);
      writeFileSync(join(out, 'config.json'), config.replace('"hopLength": 512', '"hopLength": 256'));
      failed(await resume(out), /config\.json was changed since it was written/);
      writeFileSync(join(out, 'config.json'), config);
      rmSync(join(out, 'training-state.bin'));
      const again = await resume(out);
      assert.equal(again.code, 0, again.stderr);
    });

    it('by nobody: a second run in its folder is refused, and the first goes on unharmed', async () => {
      const out = at('busy');
      const running = start(['run', '--data', small, '--out', out, ...TRAINING]);
      await running.until(inEpoch(1));
      const [another, resumed] = await Promise.all([
        ser(['run', '--data', small, '--out', out, ...QUICK]),
        ser(['run', '--resume', out]),
      ]);
      failed(another, /is not empty|at work/);
      failed(resumed, /Another run \(process \d+\) is at work|that run is finished/);
      const { code, stderr } = await running.done;
      assert.equal(code, 0, stderr);
      assert.deepEqual(results(out), results(at('whole')));
    });
  });
});
