import assert from 'node:assert/strict';
import { learntFromInWords } from '../../src/model/in-words.js';

describe('learntFromInWords()', () => {
  it('tells corpus, clips, speakers and languages, as far as they are known', () => {
    const told = (more: object) =>
      learntFromInWords({
        trainedOn: { corpus: 'esd', protocol: 'speaker', seed: 1, network: 'compact', clips: 12, ...more },
      });
    assert.equal(told({}), '12 clips of esd');
    assert.equal(told({ speakers: 1 }), '12 clips of esd: 1 speaker');
    assert.equal(told({ speakers: 3, languages: ['en', 'zh'] }), '12 clips of esd: 3 speakers, in English and Chinese');
    assert.equal(told({ languages: ['de'] }), '12 clips of esd: in German');
  });
});
