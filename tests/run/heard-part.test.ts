import assert from 'node:assert/strict';
import { configFor, type RunConfig } from '../../src/run/config.js';
import { framesIn, heardPart, secondsOf, unheard, unheardInWords } from '../../src/run/heard-part.js';

const clips = (...seconds: number[]) => seconds.map((durationSeconds) => ({ durationSeconds, sampleRateHz: 22050 }));

describe('the part that is heard', () => {
  it('is what the configuration says of a network that takes so many frames, all for others', () => {
    const { features } = configFor('original');
    assert.deepEqual(heardPart(configFor('original')), {
      first: 0,
      frames: 87,
      startSeconds: 0,
      endSeconds: (87 * 512) / 22050,
    });
    const part = heardPart(configFor('time', { frames: framesIn(3, features), offsetSeconds: 0.5 }));
    assert.deepEqual([part.first, part.frames, part.startSeconds], [22, 130, 0.5]);
    for (const network of ['compact', 'encoder', 'functionals', 'both'])
      assert.deepEqual([heardPart(configFor(network)).first, heardPart(configFor(network)).endSeconds], [0, Infinity]);
  });

  it('framesIn() and secondsOf() are each the other way round', () => {
    const { features } = configFor('original');
    assert.equal(framesIn(2, features), 87);
    for (const frames of [1, 2, 40, 87, 130, 1000])
      assert.equal(framesIn(secondsOf(frames, features), features), frames);
    assert.throws(() => framesIn(2, configFor('functionals').features), {
      name: 'UsageError',
      message: 'Cannot take a part of each clip: the features functionals are of the whole clip',
    });
  });

  it('leaves a share of the sound unheard, by hand', () => {
    const of = (config: RunConfig, ...seconds: number[]) => ({ config, recordings: clips(...seconds) });
    const end = (87 * 512) / 22050;
    // RAVDESS's clips are 3.7 s long on average.
    assert.deepEqual(unheard(of(configFor('original'), 3.7, 3.7)), { share: (2 * (3.7 - end)) / 7.4, clips: 2 });
    assert.deepEqual(unheard(of(configFor('original'), 1, 2)), { share: 0, clips: 0 });
    const { share, clips: more } = unheard(of(configFor('original', { offsetSeconds: 0.5 }), 1, 4));
    assert.ok(Math.abs(share - (0.5 + 4 - end) / 5) < 1e-12);
    assert.equal(more, 2);
    assert.deepEqual(unheard(of(configFor('compact'), 1, 400)), { share: 0, clips: 0 });
    assert.equal(unheardInWords(of(configFor('original'), 1, 2)), undefined);
    assert.equal(
      unheardInWords(of(configFor('original'), 3.7, 1)),
      'The network never hears 35.7 % of the sound: of each clip, original takes what lies between 0 s and 2.02 s, and 1 of 2 clips have more',
    );
  });
});
