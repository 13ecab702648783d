/** What files become in the hands of a seeded vandal: damaged by chance, or altered with intent. */
import type { Random } from '../../src/common/random.js';

/** Makes another file out of one. */
export type Mutation = (example: Uint8Array, random: Random) => Uint8Array;

/** Numbers at which readers trip: the ends of ranges, and one beyond. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** What replaces a value of JSON. */
const VALUES: readonly unknown[] = [
  ...[null, true, '', 'x', '0', [], {}, [[]], [null], { a: 1 }],
  ...[0, -1, 1, 0.5, 1e9, 2 ** 30, 2 ** 31, 2 ** 53, 1e308, -1e308, 1e-308],
  ...['__proto__', 'constructor', '../../../../etc/passwd', '/dev/zero', '\0', '\u001b[2J', '\ud800', 'é'.repeat(5000)],
];

/** What is put into text. */
const SNIPPETS = [
  ...['"', '""', ',', ',,', ';', '\t', '\r', '\n', '\r\n\r\n', '\0', '\u001b[2J', '\ufeff', 'é', '\ud83d\ude00'],
  ...['null', 'NaN', 'Infinity', '-1', '1e308', '1e999', '=1+1', '../..', '__proto__', '[', '{', '}', ']', '\\u0000'],
  ...['['.repeat(20000), 'x'.repeat(20000), ',"'.repeat(500)],
];

function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}

function oneOf<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)];
}

/** Damages of a piece of a file, from `at` on. */
const DAMAGES: readonly ((bytes: Buffer, at: number, random: Random) => Uint8Array)[] = [
  (bytes, at, random) => {
    bytes[at] ^= 1 << below(random, 8);
    return bytes;
  },
  (bytes, at, random) => {
    bytes[at] = below(random, 256);
    return bytes;
  },
  (bytes, at, random) => {
    const edge = oneOf(random, EDGES);
    const size = Math.min(oneOf(random, [1, 2, 4]), bytes.length - at);
    const value = edge % 2 ** (8 * size);
    if (random() < 0.5) bytes.writeUIntLE(value, at, size);
    else bytes.writeUIntBE(value, at, size);
    return bytes;
  },
  (bytes, at, random) => bytes.fill(oneOf(random, [0, 255]), at, Math.min(bytes.length, at + below(random, 64))),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 64))]),
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at + 1 + below(random, 64)), bytes.subarray(at)]),
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => {
    const from = below(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, from + 64), bytes.subarray(at + 64)]);
  },
];

/** Headers are where readers believe what they read: half of the damages are there. */
const HEADER_BYTES = 128;

/** One to four damages: bits, bytes, lengths, and pieces that are cut out, doubled, moved or wiped. */
export const damaged: Mutation = (example, random) => {
  let bytes: Uint8Array = Buffer.from(example);
  for (let left = 1 + below(random, 4); left > 0 && bytes.length > 0; left--) {
    const end = random() < 0.5 ? Math.min(HEADER_BYTES, bytes.length) : bytes.length;
    bytes = oneOf(random, DAMAGES)(Buffer.from(bytes), below(random, end), random);
  }
  return bytes;
};

/** Text with snippets in it that mean something to readers of CSV and JSON, or damaged as bytes. */
export const scribbled: Mutation = (example, random) => {
  if (random() < 0.3) return damaged(example, random);
  let text = Buffer.from(example).toString();
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const at = below(random, text.length + 1);
    text = text.slice(0, at) + oneOf(random, SNIPPETS) + text.slice(at + (random() < 0.5 ? 0 : below(random, 12)));
  }
  return Buffer.from(text);
};

/** JSON that is still JSON: a value replaced, left out, doubled or renamed; sometimes scribbled on. */
export const restructured: Mutation = (example, random) => {
  if (random() < 0.2) return scribbled(example, random);
  const root = [JSON.parse(Buffer.from(example).toString())];
  for (let left = 1 + below(random, 3); left > 0 && root.length > 0; left--) {
    const { parent, key } = oneOf(random, placesIn(root as unknown as Place['parent']));
    const value = parent[key];
    if (random() < 0.7) parent[key] = structuredClone(oneOf(random, VALUES));
    else if (Array.isArray(parent)) parent.splice(Number(key), 1, ...(random() < 0.5 ? [] : [value, value]));
    else if (random() < 0.5) delete parent[key];
    else parent[`${key}_`] = value;
  }
  return Buffer.from(JSON.stringify(root[0] ?? null));
};

interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

/** Every value of a document, with what it is in. */
function placesIn(parent: Place['parent']): Place[] {
  return Object.entries(parent).flatMap(([key, value]) => [
    { parent, key },
    ...(typeof value === 'object' && value !== null ? placesIn(value as Place['parent']) : []),
  ]);
}
