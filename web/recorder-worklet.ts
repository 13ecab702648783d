/** Hands a microphone's samples on, on the thread of the sound: neither the page nor a tab in the background delays them. */
import { END, type Piece } from './messages.js';

/** What the library of types does not have of an AudioWorklet's global scope. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

/** Samples handed on together: 21 ms at 48 kHz. */
const PIECE = 1024;

class Recorder extends AudioWorkletProcessor {
  private piece = new Float32Array(PIECE);
  private filled = 0;
  private listener?: MessagePort;
  private isDone = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<MessagePort | typeof END>) => {
      if (data === END) this.finish();
      else this.listener = data;
    };
  }

  /** @returns whether to go on */
  process([[samples]]: Float32Array[][]): boolean {
    for (let from = 0; samples && this.listener && from < samples.length; ) {
      const part = samples.subarray(from, from + PIECE - this.filled);
      this.piece.set(part, this.filled);
      this.filled += part.length;
      from += part.length;
      if (this.filled === PIECE) this.flush();
    }
    return !this.isDone;
  }

  private flush(): void {
    const piece: Piece = { samples: this.piece.subarray(0, this.filled), spoken: Date.now() };
    this.listener?.postMessage(piece, [piece.samples.buffer]);
    this.piece = new Float32Array(PIECE);
    this.filled = 0;
  }

  private finish(): void {
    this.flush();
    this.listener?.postMessage(END);
    this.listener = undefined;
    this.isDone = true;
    this.port.postMessage(END);
  }
}
registerProcessor('recorder', Recorder);
