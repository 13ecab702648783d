import assert from 'node:assert/strict';
import { problemGroups, problemLines } from '../../src/common/problems.js';

const many = (count: number, reason: string, name = 'clip') =>
  Array.from({ length: count }, (_, i) => ({ path: `${name}${i}.wav`, reason }));

describe('problemGroups()', () => {
  it('puts together what has the same reason, with the path in front of it or not', () => {
    const problems = [
      { path: 'a.wav', reason: 'a.wav: it is empty' },
      { path: 'b.wav', reason: 'it is silent' },
      { path: 'c.wav', reason: 'it is empty' },
    ];
    assert.deepEqual(problemGroups(problems), [
      { reason: 'it is empty', paths: ['a.wav', 'c.wav'] },
      { reason: 'it is silent', paths: ['b.wav'] },
    ]);
    assert.deepEqual(problemGroups([]), []);
  });
});

describe('problemLines()', () => {
  it('names a reason once, with its number and the first files, and says where all are', () => {
    const lines = problemLines(many(7442, 'a Git LFS pointer'), 'all are in clips.csv');
    assert.equal(lines.length, 21);
    assert.deepEqual(lines.slice(0, 2), ['7,442 files: a Git LFS pointer', '  clip0.wav']);
    assert.equal(lines[19], '  clip18.wav');
    assert.equal(lines[20], '… and 7,423 more files; all are in clips.csv');
  });

  it('leaves room for every reason, however many files the first has', () => {
    const lines = problemLines(
      [...many(500, 'empty'), ...many(300, 'an HTML page', 'page'), ...many(1, 'silent')],
      'all',
    );
    assert.ok(lines.length <= 21);
    assert.ok(lines.includes('500 files: empty') && lines.includes('300 files: an HTML page'));
    assert.ok(lines.includes('clip0.wav: silent'));
    assert.equal(lines.at(-1), '… and 784 more files; all');
  });

  it('names all files where that takes twenty lines at most', () => {
    const lines = problemLines([...many(16, 'empty'), ...many(1, 'silent'), ...many(1, 'truncated')], 'all');
    assert.deepEqual([lines.length, lines[0], lines[19]], [19, '16 files: empty', undefined]);
    assert.ok(lines.includes('  clip15.wav') && !lines.some((line) => line.startsWith('…')));
  });

  it('ends after twenty reasons', () => {
    const lines = problemLines(
      Array.from({ length: 30 }, (_, i) => ({ path: `${i}.wav`, reason: `${i} bytes` })),
      'all',
    );
    assert.equal(lines.length, 21);
    assert.deepEqual([lines[19], lines[20]], ['19.wav: 19 bytes', '… and 10 more files; all']);
  });

  it('names all of a few, and nothing of none', () => {
    assert.deepEqual(problemLines(many(2, 'empty'), 'all'), ['2 files: empty', '  clip0.wav', '  clip1.wav']);
    assert.deepEqual(problemLines(many(1, 'empty'), 'all'), ['clip0.wav: empty']);
    assert.deepEqual(problemLines([], 'all'), []);
  });
});
