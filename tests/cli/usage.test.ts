import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { READERS } from '../../src/corpora/corpora.js';
import { EMODB, ser, shell } from './ser.js';

const COMMANDS = [
  'run',
  'compare',
  'experiment',
  'predict',
  'evaluate',
  'stress',
  'features',
  'cache',
  'inspect',
  'doctor',
  'corpora',
];
const ESCAPE = String.fromCharCode(27);

describe('ser', function () {
  this.timeout(60000);
  let cwd: string;
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  after(() => rmSync(cwd, { recursive: true }));

  it('--help lists every command and shows an example, on standard output', async () => {
    const { code, stdout, stderr } = await ser(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    assert.match(stdout, /Examples?:\n {2}ser /);
  });

  for (const command of COMMANDS)
    it(`${command} --help shows an example and no default that reads like code`, async () => {
      const { code, stdout, stderr } = await ser([command, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, new RegExp(`Usage: ser ${command}`));
      assert.match(stdout, new RegExp(`Examples?:\n {2}ser ${command}`));
      assert.doesNotMatch(stdout, /\[\]|undefined|\[object/);
      assert.ok(!stdout.includes(ESCAPE));
    });

  it('without a command shows the help on standard error, as wrong usage', async () => {
    const { code, stdout, stderr } = await ser([]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /Usage: ser/);
  });

  it('--version prints the version alone', async () => {
    const { code, stdout } = await ser(['--version']);
    assert.equal(code, 0);
    assert.equal(stdout, `${require('../../package.json').version}\n`);
  });

  const wrong: [args: string[], message: RegExp][] = [
    [['rum'], /unknown command 'rum'\n\(Did you mean run\?\)/],
    [['run', '--epoch', '3'], /unknown option '--epoch'\n\(Did you mean --epochs\?\)/],
    [['predict', 'x.wav', '--jsn'], /Did you mean --json/],
    [['run', 'x'], /too many arguments/],
    [['run', '--epochs'], /argument missing/],
    [['run', '--epochs', '0'], /--epochs.*integer from 1/],
    [['run', '--epochs', 'many'], /integer from 1/],
    [['run', '--batch-size', '1.5'], /integer from 1/],
    [['run', '--patience', '-1'], /integer from 1/],
    [['run', '--seed', '-1'], /integer from 0/],
    [['run', '--workers', '0'], /integer from 1/],
    [['run', '--duration', '0'], /number above 0/],
    [
      ['run', '--network', 'original', '--duration', '0.1'],
      /--duration must be more than 0\.1 s, current value is 0\.1/,
    ],
    [
      ['run', '--network', 'compact', '--duration', '3'],
      /--duration does not go with the network compact, which hears all/,
    ],
    [
      ['run', '--network', 'compact', '--offset', '1'],
      /the network compact hears all of each clip, current value is 1/,
    ],
    [['run', '--offset', '-1'], /number from 0/],
    [['run', '--learning-rate', '0'], /number above 0/],
    [['run', '--max-skipped', '1.1'], /number from 0 to 1/],
    [['run', '--max-skipped', ''], /number from 0 to 1/],
    [['run', '--protocol', 'magic'], /Allowed choices are speaker, text, random, original/],
    [['run', '--network', 'deep'], /Allowed choices are original, time/],
    [['run', '--schedule', 'cosine'], /Allowed choices are constant, one-cycle/],
    [['run', '--weight-decay', '1.1'], /number from 0 to 1/],
    [['run', '--label-smoothing', 'much'], /number from 0 to 1/],
    [['run', '--class-weights', 'none'], /Allowed choices are equal, balanced/],
    [
      ['run', '--augment', 'voice,louder'],
      /expected one of voice, tempo, masking, current value is louder {3}→ at augment\[1\]/,
    ],
    [['compare', '--networks', 'original'], /at least two networks/],
    [['compare', '--networks', 'original,deep'], /There is no network deep/],
    [['run', '--normalise', 'none'], /Allowed choices are clip, bands, train, speaker/],
    [['run', '--backend', 'gpu'], /Allowed choices are auto, native, wasm/],
    [['run', '--corpus', 'tes', '--data', EMODB], /Unknown corpus tes \(did you mean tess\?\)/],
    [['run', '--data', EMODB, '--test-speaker', '99'], /Cannot test with speaker 99: the corpus has 03, 08/],
    [['run', '--data', EMODB, '--protocol', 'text', '--test-speaker', '03'], /the protocol must be speaker/],
    [['run', '--data', EMODB, '--emotions', 'anger,calm'], /Cannot choose the emotion calm: no clip has it/],
    [['run', '--emotions', 'anger'], />=2 items.*at emotions/],
    [['run', '--data', EMODB, '--map', 'calm=neutral'], /Cannot merge the emotion calm: no clip has it/],
    [['run', '--map', 'calm'], /--map.*like calm=neutral/],
    [['compare', '--map', 'calm='], /--map.*like calm=neutral/],
    [['run', '--folds', '1'], /--folds.*integer from 2/],
    [['experiment'], /missing required argument 'plan'/],
    [['experiment', 'x.json', '--jobs', '0'], /--jobs.*integer from 1/],
    [['experiment', 'x.json', '--data', 'tess'], /--data.*must be NAME=PATH/],
    [['experiment', 'x.json', '--tables', '--dry-run'], /--tables.*cannot be used with.*--dry-run/],
    [['run', '--resume', 'x', '--epochs', '3'], /--epochs does not go with --resume/],
    [['run', '--resume', 'x', '--out', 'y'], /--out does not go with --resume/],
    [['run', '--cache-limit', '20'], /--cache-limit.*a size such as 20GB, or none/],
    [['cache', '--limit', 'much'], /--limit.*a size such as 20GB, or none/],
    [['cache', '--limit', '1GB', '--empty'], /--limit.*cannot be used with.*--empty/],
    [['cache', '--older-than', '3'], /--older-than goes only with --empty/],
    [['cache', '--empty', '--older-than', '0'], /number above 0/],
    [['cache', 'mel', '--limit', '1GB'], /--limit does not go with a setting/],
    [['predict'], /missing required argument 'path'/],
    [['predict', 'x.wav', '--json', '--csv'], /--json and --csv do not go together/],
    [['predict', 'x.wav', '--hop', 'a'], /number above 0/],
    [['predict', 'x.wav', '--uncertain-below', '60'], /number from 0 to 1/],
    [['stress'], /missing required argument 'model'/],
    [['stress', 'x', '--seed', '-1'], /integer from 0/],
    [['stress', 'x', '--only', 'tlephone'], /no condition tlephone \(did you mean telephone\?\)/],
    [['features', 'x.wav'], /--out must name a folder/],
  ];
  for (const [args, message] of wrong)
    it(`${args.map((arg) => (arg === EMODB ? 'EMODB' : arg || "''")).join(' ')} is wrong usage`, async () => {
      const { code, stdout, stderr } = await ser(args, { cwd });
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, message);
      assert.match(stderr, /^ser: /);
      assert.doesNotMatch(stderr, /\n {4}at /);
      assert.deepEqual(readdirSync(cwd), []);
    });

  it('corpora lists every reader with its licence and source, as text no wider than a terminal and as JSON', async () => {
    const table = await ser(['corpora']);
    const json = await ser(['corpora', '--json']);
    assert.deepEqual([table.code, json.code, table.stderr, json.stderr], [0, 0, '', '']);
    assert.ok(!table.stdout.includes(ESCAPE));
    const rows = JSON.parse(json.stdout) as { name: string; licence: string; triedOn: string }[];
    assert.deepEqual(
      rows.map((row) => row.name),
      READERS.map((reader) => reader.name),
    );
    for (const { name, licence } of rows) {
      assert.ok(licence.length > 0);
      assert.match(table.stdout, new RegExp(`^${name} `, 'm'));
      assert.ok(table.stdout.includes(licence));
    }
    for (const line of table.stdout.split('\n')) assert.ok(line.length <= 100, line);
    const tried = (how: string) => rows.filter(({ triedOn }) => triedOn === how).map(({ name }) => name);
    assert.deepEqual(tried('recordings'), ['emodb', 'tess']);
    assert.deepEqual(tried('descriptions'), ['iemocap', 'meld', 'emozionalmente']);
    const marks = (text: string) => table.stdout.split(text).length - 1;
    assert.equal(marks('only on what is written about them'), 3);
    assert.equal(marks('only on a list of their names'), rows.length - 5);
  });

  it('doctor says what is installed, as text and as JSON', async () => {
    const text = await ser(['doctor']);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /^Node +v\d+/m);
    const json = await ser(['doctor', '--json']);
    assert.equal(JSON.parse(json.stdout).node, process.version);
  });

  it('inspect counts the clips, as tables and as JSON with nothing else on standard output', async () => {
    const json = await ser(['inspect', EMODB, '--json']);
    assert.equal(json.code, 0);
    const { clips, counts } = JSON.parse(json.stdout);
    assert.deepEqual([clips, Object.keys(counts).length], [535, 7]);
    const table = await ser(['inspect', EMODB, '--corpus', 'emodb']);
    assert.equal(table.code, 0);
    assert.match(table.stdout, /^emodb: 535 clips of 10 speakers/);
    assert.ok(!`${table.stdout}${table.stderr}`.includes(ESCAPE));
  });

  it('is content with a reader that has seen enough', async () => {
    const { stdout, stderr } = await shell(
      'ser corpora --json | head -n 1; echo $PIPESTATUS; ser run --help | true; echo $PIPESTATUS',
    );
    assert.equal(stdout, '[\n0\n0\n');
    assert.equal(stderr, '');
  });
});
