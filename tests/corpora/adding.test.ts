import assert from 'node:assert/strict';
import { loadCorpus, READERS, readerOf } from '../../src/corpora/corpora.js';
import { formatInspection, inspectCorpus } from '../../src/corpora/inspect.js';
import { type CorpusReader, stemOf } from '../../src/corpora/reader.js';
import { temporaryFolder, touch } from './folder.js';

const TOY: CorpusReader = {
  name: 'toy',
  title: 'A corpus of the tests',
  publishedClips: 3,
  licence: 'none',
  source: 'nowhere',
  citation: 'nobody',
  parse(path) {
    const [, speaker, emotion] = stemOf(path).match(/^toy-(\w+)-(\w+)$/) ?? [];
    return speaker ? { speaker, emotion, label: emotion, text: 'a word' } : undefined;
  },
};

describe('a corpus added to READERS', () => {
  const readers = READERS as CorpusReader[];
  const folder = temporaryFolder();
  before(() => readers.push(TOY));
  after(() => readers.pop());

  it('is recognised, and known by its name', async () => {
    touch(folder(), 'toy-anna-anger.wav', 'toy-ben-fear.wav');
    const clips = ['anger', 'fear'];
    for (const options of [{}, { corpus: 'toy' }]) {
      const corpus = await loadCorpus(folder(), options);
      assert.equal(corpus.name, 'toy');
      assert.deepEqual(
        corpus.clips.map((clip) => clip.emotion),
        clips,
      );
    }
    assert.equal(readerOf('toy'), TOY);
  });

  it('is inspected', async () => {
    touch(folder(), 'toy-anna-anger.wav', 'toy-ben-fear.wav');
    const decode = async (path: string) => ({
      samples: Float32Array.of(0.5, path.length / 1000),
      sampleRateHz: 8000,
      channels: 1,
      durationSeconds: 2 / 8000,
    });
    const text = formatInspection(await inspectCorpus(await loadCorpus(folder()), { decode }));
    assert.match(text, /^toy: 2 clips of 2 speakers/);
    assert.match(text, /1 of the 3 published clips are not there/);
  });

  it('is named among those that are known', async () => {
    await assert.rejects(loadCorpus(folder(), { corpus: 'toi' }), /did you mean toy\?\); known are .*toy/);
    touch(folder(), 'x.wav');
    await assert.rejects(loadCorpus(folder()), /naming of one of .*toy/);
  });
});
