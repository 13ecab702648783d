import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvText, readCsv, writeCsv } from '../../src/common/csv.js';

describe('CSV files', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('writeCsv() writes a header and rows, quoted where needed, in the given columns', () => {
    const path = join(root, 'x.csv');
    writeCsv(path, [{ a: 1, b: 'x,"y"' }]);
    assert.equal(readFileSync(path, 'utf8'), 'a,b\n1,"x,""y"""\n');
    assert.equal(csvText([{ a: 1, b: 2 }], ['b', 'c']), 'b,c\n2,\n');
    assert.ok(existsSync(path));
  });

  it('readCsv() gives back what writeCsv() wrote, as text', () => {
    const path = join(root, 'x.csv');
    writeCsv(path, [
      { a: 0.1, b: 'x,"y"\nz' },
      { a: '', b: 'ä' },
    ]);
    assert.deepEqual(readCsv(path), [
      { a: '0.1', b: 'x,"y"\nz' },
      { a: '', b: 'ä' },
    ]);
    writeFileSync(path, 'a\n1\n');
    assert.deepEqual(readCsv(path), [{ a: '1' }]);
  });

  it('writeCsv() writes no formulas, and readCsv() gives back the texts', () => {
    const path = join(root, 'x.csv');
    const texts = ['=HYPERLINK("http://x")', '+1', '-x', '@x', '\tx', "'=x", "''+x", "'x", 'x=1', '-0.5'];
    const rows = texts.map((text) => ({ '=1': text, number: -0.5 }));
    writeCsv(path, rows);
    const [head, first] = readFileSync(path, 'utf8').split('\n');
    assert.equal(head, `"'=1",number`);
    assert.equal(first, `"'=HYPERLINK(""http://x"")",-0.5`);
    assert.deepEqual(
      readCsv(path),
      rows.map((row) => ({ ...row, number: '-0.5' })),
    );
  });

  it('readCsv() says that a file is missing or damaged', () => {
    assert.throws(() => readCsv(join(root, 'none')), { name: 'InputError', message: /none is missing$/ });
    writeFileSync(join(root, 'bad'), 'a,b\n1,2\n3\n');
    assert.throws(() => readCsv(join(root, 'bad')), { name: 'InputError', message: /bad is damaged: row 1: Too few/ });
    writeFileSync(join(root, 'bad'), 'a,b\n1,2,3\n');
    assert.throws(() => readCsv(join(root, 'bad')), { name: 'InputError', message: /bad is damaged: row 0: Too many/ });
    writeFileSync(join(root, 'bad'), 'a,b,a\n1,2,3\n');
    assert.throws(() => readCsv(join(root, 'bad')), { name: 'InputError', message: /there are two columns a$/ });
  });
});
