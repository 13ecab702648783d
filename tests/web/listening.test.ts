import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { joined } from '../../src/common/joined.js';
import { seededRandom } from '../../src/common/random.js';
import { createMelSpectrogram } from '../../src/features/mel.js';
import { answerOf } from '../../src/model/answer.js';
import type { Audio, Prediction, TrainedModel } from '../../src/model/emotion-model.js';
import { Listening } from '../../web/listening.js';
import { END, type SoundReply } from '../../web/messages.js';
import { PICTURE, Pictures } from '../../web/pictures.js';

const RATE = 48_000;

/** Answers at once with the loudest sample of what it is given. */
const model = {
  completeOptions: () => ({ windowSeconds: 2, hopSeconds: 0.5, uncertainBelow: 0 }),
  async predict(audio: Audio): Promise<Prediction> {
    const { samples } = audio as { samples: Float32Array };
    const peak = samples.reduce((most, sample) => Math.max(most, sample), 0);
    return { startSeconds: 0, endSeconds: 2, ...answerOf([peak, 1 - peak], ['loud', 'quiet'], 0), windows: [] };
  },
  async *predictEach(recordings: readonly Audio[]) {
    for (const recording of recordings) yield model.predict(recording);
  },
} as unknown as TrainedModel;

function noise(length: number): Float32Array {
  const random = seededRandom(2);
  return Float32Array.from({ length }, () => random() - 0.5);
}

describe('Pictures', () => {
  it('grow to the spectrogram and the extremes of the whole sound', () => {
    const samples = noise(3 * PICTURE.sampleRateHz + 77);
    const pictures = new Pictures(PICTURE.sampleRateHz);
    const parts = [pictures.hear(samples.subarray(0, 5000)), pictures.hear(samples.subarray(5000)), pictures.end()];
    const { values, bands, frames } = createMelSpectrogram(PICTURE)(samples);
    const decibels = joined(parts.map((part) => part.decibels));
    assert.equal(decibels.length, bands * frames);
    for (const [i, value] of decibels.entries()) {
      const power = values[(i % bands) * frames + Math.floor(i / bands)];
      assert.ok(Math.abs(value - 10 * Math.log10(power)) < 1e-4);
    }
    const waveform = joined(parts.map((part) => part.waveform));
    assert.equal(waveform.length, 2 * 300);
    for (const column of [0, 31, 299]) {
      const part = samples.subarray(column * 160, (column + 1) * 160);
      assert.deepEqual([...waveform.subarray(2 * column, 2 * column + 2)], [Math.min(...part), Math.max(...part)]);
    }
  });
});

describe('Listening', function () {
  this.timeout(60_000);

  /** Listens to pieces that come in through a port, as from a microphone. */
  async function listened(
    pieces: Iterable<Float32Array>,
    sampleRateHz = RATE,
  ): Promise<{ listening: Listening; replies: SoundReply[] }> {
    const replies: SoundReply[] = [];
    const listening = new Listening(model, sampleRateHz, { isLive: true, reply: (reply) => replies.push(reply) });
    const { port1, port2 } = new MessageChannel();
    const done = listening.listen(port2 as unknown as MessagePort);
    let spoken = 0;
    for (const samples of pieces) {
      port1.postMessage({ samples, spoken: spoken++ });
      // As they come in one after the other.
      if (spoken % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    port1.postMessage(END);
    await done;
    return { listening, replies };
  }

  it('answers a sound that goes on, and tells when what it answers was spoken', async () => {
    const samples = noise(5.2 * RATE);
    const pieces = Array.from({ length: Math.ceil(samples.length / 1024) }, (_, i) =>
      samples.slice(i * 1024, (i + 1) * 1024),
    );
    const { replies } = await listened(pieces);
    const answers = replies.filter((reply) => reply.kind === 'answer');
    const ends = answers.map(({ answer }) => answer.endSeconds);
    assert.ok(ends.every((end, i) => i === 0 || end > ends[i - 1]));
    assert.equal(ends.at(-1), 5.2);
    // The piece that a window ends in, or one that came in together with it.
    for (const { answer, spoken } of answers.slice(0, -1))
      assert.ok(spoken >= Math.floor((answer.endSeconds * RATE - 1) / 1024), `${spoken} for ${answer.endSeconds} s`);
    const last = replies.at(-1)!;
    assert.equal(last.kind, 'heard');
    assert.ok(last.kind === 'heard' && last.seconds === 5.2 && last.whole);
    assert.equal(last.whole.probability, Math.max(last.whole.probabilities.loud, last.whole.probabilities.quiet));
  });

  it('does not fall behind a sound that comes in faster than it is answered', async () => {
    const pieces = Array.from({ length: 500 }, () => noise(1024));
    const replies: SoundReply[] = [];
    const listening = new Listening(model, RATE, { isLive: true, reply: (reply) => replies.push(reply) });
    const { port1, port2 } = new MessageChannel();
    // Five seconds are waiting already, and as many come in after the first answer.
    for (const samples of pieces.slice(0, 250)) port1.postMessage({ samples, spoken: 0 });
    const done = listening.listen(port2 as unknown as MessagePort);
    while (!replies.some(({ kind }) => kind === 'answer')) await new Promise((resolve) => setImmediate(resolve));
    for (const samples of pieces.slice(250)) port1.postMessage({ samples, spoken: 1 });
    port1.postMessage(END);
    await done;
    const ends = replies.flatMap((reply) => (reply.kind === 'answer' ? [reply.answer.endSeconds] : []));
    assert.ok(ends.length >= 3 && ends.length <= 6, `${ends.length} answers: ${ends}`);
    assert.equal(ends.at(-1), (500 * 1024) / RATE);
  });

  it('keeps two minutes of ten, and hears them as windows only', async () => {
    const second = noise(8000);
    function* tenMinutes() {
      for (let i = 0; i < 600; i++) yield second;
    }
    const { listening, replies } = await listened(tenMinutes(), 8000);
    const heard = replies.at(-1)!;
    assert.ok(heard.kind === 'heard' && heard.seconds === 600 && heard.whole === undefined);
    assert.equal(listening.whole, undefined);
    assert.equal(listening.stretch(470, 472), undefined);
    assert.deepEqual(listening.stretch(500, 501)!.samples, second);
    const { pieces } = listening as unknown as { pieces: Float32Array[] };
    assert.equal(pieces.length, 120);
    const columns = replies.filter((reply) => reply.kind === 'pictures');
    assert.equal(
      columns.reduce((sum, { waveform }) => sum + waveform.length / 2, 0),
      60_000,
    );
  });

  it('hears a recording window by window and as a whole, until it is told to stop', async () => {
    const samples = noise(4.5 * RATE);
    const replies: SoundReply[] = [];
    const listening = new Listening(model, RATE, { isLive: false, reply: (reply) => replies.push(reply) });
    await listening.hear(samples);
    const spans = replies.flatMap((reply) =>
      reply.kind === 'answer' ? [[reply.answer.startSeconds, reply.answer.endSeconds]] : [],
    );
    assert.deepEqual(spans.slice(0, 2), [
      [0, 2],
      [0.5, 2.5],
    ]);
    assert.deepEqual(spans.at(-1), [2.5, 4.5]);
    assert.deepEqual(listening.whole!.samples, samples);
    assert.deepEqual(listening.stretch(1, 1.5)!.samples, samples.slice(RATE, 1.5 * RATE));
    const told = replies.length;
    const other = new Listening(model, RATE, { isLive: false, reply: (reply) => replies.push(reply) });
    other.cancel();
    await other.hear(samples);
    assert.equal(replies.length, told);
  });
});
