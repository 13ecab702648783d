import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { forCommandLine } from '../../src/cli/flags.js';
import { resuming } from '../../src/run/folder.js';

const SRC = join(__dirname, '../../src');

describe('forCommandLine()', () => {
  it("puts the command line's names in place of TypeScript's", () => {
    assert.equal(forCommandLine('at most 1 % may be (`maxSkipped`)'), 'at most 1 % may be (--max-skipped)');
    assert.equal(forCommandLine('use another `protocol` or `seed`'), 'use another --protocol or --seed');
    assert.equal(forCommandLine('`frames` and `offsetSeconds`'), '--duration and --offset');
    assert.equal(forCommandLine('choose another `directory`'), 'choose another --out');
  });

  it('puts the command in place of the function that goes on', () => {
    assert.equal(forCommandLine(`go on with ${resuming('runs/a')}`), 'go on with ser run --resume runs/a');
    assert.equal(forCommandLine(resuming('a"b \\c', 'resumeFolds')), `ser run --resume 'a"b \\c'`);
    assert.equal(forCommandLine(resuming("it's", 'resumeComparison')), "ser compare --resume 'it'\\''s'");
  });

  it('leaves everything else as it is', () => {
    for (const text of ['the seed `x`', '`ser inspect` lists all', 'a `b', '`toString`', '`run("x")`', 'maxSkipped'])
      assert.equal(forCommandLine(text), text);
  });

  it('has something to do: only the command itself names its flags in messages', () => {
    const naming = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/^cli[/\\]/.test(name))
      .flatMap((name) =>
        readFileSync(join(SRC, name), 'utf8')
          .split('\n')
          // What builds a command names its flags, of course.
          .filter((line) => !/`ser \w+ /.test(line))
          .filter((line) =>
            /(Error\(|say\(|^ *`).*[ (]--(data|corpus|out|resume|max-skipped|protocol|seed|backend|workers|model)\b/.test(
              line,
            ),
          )
          .map((line) => `${name}: ${line.trim()}`),
      );
    assert.deepEqual(naming, []);
  });
});
