/** What a thread is doing. */
const IDLE = 0;
const AT_WORK = 1;
const FAILED = 2;

/** The most bytes that the message of a failing thread may have. */
const MESSAGE_BYTES = 1000;

/** Sizes of what threads share. */
export interface SharedStepSizes {
  readonly threads: number;
  /** Number of the weights that are trained. */
  readonly weights: number;
  /** Numbers of a clip in each of the network's inputs. */
  readonly inputs: readonly number[];
  /** Clips in the largest batch. */
  readonly clips: number;
}

/** Where a share of a batch begins and ends. */
export interface ShareRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Memory through which threads compute a training step together: the first one puts weights and a batch there, and takes
 * the gradients of all shares. Threads wait for one another without messages, so that a step stays one plain call.
 */
export class SharedStep {
  /** Weights before the step, one after the other. */
  readonly weights: Float32Array;
  /** The batch: for each of the network's inputs the clips' numbers, row-major. */
  readonly inputs: readonly Float32Array[];
  readonly targets: Int32Array;
  /** Number of the step, and clips in its batch. */
  readonly numbers: Int32Array;
  /** For each share its mean loss and its number of clips recognised. */
  readonly results: Float64Array;
  private readonly gradients: Float32Array;
  private readonly states: Int32Array;
  private readonly message: Uint8Array;

  /** @param buffer - the memory, where another thread has made it */
  constructor(
    private readonly sizes: SharedStepSizes,
    readonly buffer = new SharedArrayBuffer(bytesFor(sizes)),
  ) {
    const { threads, weights, inputs, clips } = sizes;
    let at = 0;
    const next = <T>(
      type: new (buffer: SharedArrayBuffer, at: number, length: number) => T,
      length: number,
      bytes: number,
    ) => {
      const view = new type(buffer, at, length);
      at += length * bytes;
      return view;
    };
    // The widest first, so that all are aligned.
    this.results = next(Float64Array, 2 * threads, 8);
    this.weights = next(Float32Array, weights, 4);
    this.gradients = next(Float32Array, weights * threads, 4);
    this.inputs = inputs.map((size) => next(Float32Array, size * clips, 4));
    this.targets = next(Int32Array, clips, 4);
    this.numbers = next(Int32Array, 2, 4);
    this.states = next(Int32Array, threads, 4);
    this.message = next(Uint8Array, MESSAGE_BYTES, 1);
  }

  /** The clips of a share of the batch. */
  range(share: number): ShareRange {
    const { threads } = this.sizes;
    const clips = this.numbers[1];
    return { from: Math.floor((clips * share) / threads), to: Math.floor((clips * (share + 1)) / threads) };
  }

  /** The gradient of a share, one weight after the other. */
  gradient(share: number): Float32Array {
    return this.gradients.subarray(share * this.sizes.weights, (share + 1) * this.sizes.weights);
  }

  /** Lets a thread begin, unless it has failed already: then {@link awaitEnd} says why. */
  begin(share: number): void {
    if (Atomics.compareExchange(this.states, share, IDLE, AT_WORK) === IDLE) Atomics.notify(this.states, share);
  }

  /**
   * Waits until a thread is done.
   *
   * @throws Error if it failed, or is not done in time
   */
  awaitEnd(share: number, milliseconds: number): void {
    if (this.waitWhile(AT_WORK, share, milliseconds) === 'timed-out')
      throw new Error(`Thread ${share} of the training does not answer`);
    if (Atomics.load(this.states, share) === FAILED)
      throw new Error(
        `Thread ${share} of the training failed: ${new TextDecoder().decode(this.message.slice()).replace(/\0+$/, '')}`,
      );
  }

  /** Waits in a thread until it is to begin. */
  awaitBegin(share: number): void {
    this.waitWhile(IDLE, share);
  }

  /** Says that a thread is done, or why it failed. */
  end(share: number, failure?: string): void {
    if (failure !== undefined) this.message.set(new TextEncoder().encode(failure).subarray(0, MESSAGE_BYTES));
    Atomics.store(this.states, share, failure === undefined ? IDLE : FAILED);
    Atomics.notify(this.states, share);
  }

  /**
   * Waits until a thread's state is another one. What wakes it may have been meant for an earlier wait: a thread that finds
   * work before it is told to wake up is told afterwards, when it may wait already for the next.
   */
  private waitWhile(state: number, share: number, milliseconds?: number): 'changed' | 'timed-out' {
    while (Atomics.load(this.states, share) === state)
      if (Atomics.wait(this.states, share, state, milliseconds) === 'timed-out') return 'timed-out';
    return 'changed';
  }
}

function bytesFor({ threads, weights, inputs, clips }: SharedStepSizes): number {
  const numbers = inputs.reduce((sum, size) => sum + size, 0);
  return 16 * threads + 4 * (weights * (threads + 1) + numbers * clips + clips + 2 + threads) + MESSAGE_BYTES;
}
