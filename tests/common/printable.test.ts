import assert from 'node:assert/strict';
import { isPrintable, printable } from '../../src/common/printable.js';

describe('printable()', () => {
  it('writes what steers a terminal or turns the writing as codes, the way JSON does', () => {
    assert.equal(
      printable('\u001b[31mred\u0007\r\u009b\u202e\ud800'),
      '\\u001b[31mred\\u0007\\u000d\\u009b\\u202e\\ud800',
    );
    assert.equal(JSON.parse(`"${printable('\u001b\u009b')}"`), '\u001b\u009b');
  });

  it('leaves every other text as it is', () => {
    const text = 'Ärger, 怒り, غضب, 😠\u200d💨\n\tzwei';
    assert.equal(printable(text), text);
    assert.ok(isPrintable('Ärger, 怒り, غضب, 😠'));
    for (const other of [text, '\u001b', 'a\nb', 'a\tb']) assert.ok(!isPrintable(other));
  });
});
