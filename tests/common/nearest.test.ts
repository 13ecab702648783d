import assert from 'node:assert/strict';
import { nearest } from '../../src/common/nearest.js';

describe('nearest()', () => {
  it('suggests the nearest known name', () => {
    assert.equal(nearest('tes', ['emodb', 'tess']), ' (did you mean tess?)');
    assert.equal(nearest('epocs', ['epochs', 'patience']), ' (did you mean epochs?)');
  });

  it('ignores case, and keeps that of the known name', () => {
    assert.equal(nearest('tess', ['TESS']), ' (did you mean TESS?)');
    assert.equal(nearest('EMODB', ['emodb']), ' (did you mean emodb?)');
  });

  it('suggests nothing where no name is near, or none is known', () => {
    assert.equal(nearest('xyz', ['emodb', 'tess']), '');
    assert.equal(nearest('x', ['a', 'b']), '');
    assert.equal(nearest('', ['a']), '');
    assert.equal(nearest('tess', []), '');
  });
});
