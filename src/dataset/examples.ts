/** The shape of one clip's numbers in one of a network's inputs, e.g. `[128, 87]`. */
export type Shape = readonly number[];

/** Clips as a network takes them. Their numbers need not be stored: they are written where they are wanted. */
export interface Examples {
  /** Number of clips. */
  readonly count: number;
  /** What the network takes for each clip: a shape for each of its inputs. */
  readonly shapes: readonly Shape[];
  /**
   * Writes what the network takes of a clip.
   *
   * @param clip - its index, from 0
   * @param into - an array for each of the {@link shapes}, row-major; every number is written
   */
  write(clip: number, into: readonly Float32Array[]): void;
}

/** Examples and what is to be learnt from them. */
export interface Dataset extends Examples {
  /** Class index of each clip. */
  readonly targets: readonly number[];
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
}

/** Clips that a network takes together. */
export interface Batch {
  /** For each of the network's inputs the clips' numbers, row-major, shape `(clips, ...shape)`. */
  readonly inputs: readonly Float32Array[];
  /** Class index of each clip. */
  readonly targets: Int32Array;
}

/** How many numbers a shape holds. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/**
 * Examples whose numbers are stored in arrays.
 *
 * @param inputs - for each of the network's inputs the numbers of all clips, row-major, shape `(clips, ...shape)`
 * @throws RangeError if there is no input, or the inputs are not of equally many clips
 */
export function arrayExamples(inputs: readonly { readonly values: Float32Array; readonly shape: Shape }[]): Examples {
  const counts = inputs.map(({ values, shape }) => values.length / sizeOf(shape));
  const [count] = counts;
  if (!Number.isInteger(count) || counts.some((other) => other !== count))
    throw new RangeError(
      `Cannot make examples: every input must hold equally many whole clips, current numbers are ${counts.join(', ') || 'none'}`,
    );
  return {
    count,
    shapes: inputs.map(({ shape }) => shape),
    write(clip, into) {
      for (const [k, { values, shape }] of inputs.entries()) {
        const size = sizeOf(shape);
        into[k].set(values.subarray(clip * size, (clip + 1) * size));
      }
    },
  };
}

/** Some clips of a dataset as one of their own, e.g. the validation set: nothing is copied. */
export function subsetOf(dataset: Dataset, indices: readonly number[]): Dataset {
  return {
    count: indices.length,
    shapes: dataset.shapes,
    write: (clip, into) => dataset.write(indices[clip], into),
    targets: indices.map((i) => dataset.targets[i]),
    labels: dataset.labels,
  };
}

/** Copies of the same clips as one dataset: all of one copy, then all of the next one, and so on. Nothing is copied. */
export function oneAfterTheOther(copies: readonly Dataset[]): Dataset {
  const [{ count, shapes, labels }] = copies;
  return {
    count: copies.length * count,
    shapes,
    write: (row, into) => copies[Math.floor(row / count)].write(row % count, into),
    targets: copies.flatMap(({ targets }) => targets),
    labels,
  };
}

/** Arrays for so many clips, one for each of a network's inputs. */
export function buffersFor(shapes: readonly Shape[], clips: number): Float32Array[] {
  return shapes.map((shape) => new Float32Array(clips * sizeOf(shape)));
}

/** The first clips' part of {@link buffersFor}. */
export function firstOf(buffers: readonly Float32Array[], shapes: readonly Shape[], clips: number): Float32Array[] {
  return buffers.map((buffer, k) => buffer.subarray(0, clips * sizeOf(shapes[k])));
}

/**
 * The numbers of some clips, one after the other.
 *
 * @param into - where to write them, see {@link buffersFor}; new arrays unless given
 */
export function gathered(
  examples: Pick<Examples, 'shapes' | 'write'>,
  indices: readonly number[],
  into = buffersFor(examples.shapes, indices.length),
): Float32Array[] {
  const sizes = examples.shapes.map(sizeOf);
  for (const [row, clip] of indices.entries())
    examples.write(
      clip,
      into.map((buffer, k) => buffer.subarray(row * sizes[k], (row + 1) * sizes[k])),
    );
  return into;
}

/**
 * The index of an emotion among the classes.
 *
 * @throws RangeError if it is none of them
 */
export function classIndex(emotion: string, labels: readonly string[]): number {
  const index = labels.indexOf(emotion);
  if (index < 0)
    throw new RangeError(
      `Cannot find a class: every emotion must be one of the classes ${labels.join(', ')}, current value is ${emotion}`,
    );
  return index;
}
