/** The length of a key, in words of 32 bits: half a SHA-256, of which no two are ever alike by chance. */
export const KEY_WORDS = 4;

/** Where an entry is: the number of its file, and its place there, in bytes. */
export interface Place {
  readonly file: number;
  readonly start: number;
  readonly bytes: number;
}

/** Of each entry: its key, and its place. */
const ENTRY_WORDS = KEY_WORDS + 3;

const FIRST_CAPACITY = 2 ** 10;
const FREE = -1;

/**
 * Numbers for entries, found by their keys: a hash table in arrays of numbers, which takes 36 to 72 bytes an entry, where a `Map` of
 * strings would take several hundred.
 */
export class EntryTable {
  private count = 0;
  private words = new Uint32Array(FIRST_CAPACITY * ENTRY_WORDS);
  /** Numbers of entries, each at its key's first word or after; keys are evenly spread, as they are hashes. Half of them are free. */
  private slots = new Int32Array(2 * FIRST_CAPACITY).fill(FREE);

  /** @returns the number of the entry; a former one of the same key keeps its own, but is not found any more */
  add(key: Uint32Array, { file, start, bytes }: Place): number {
    if (2 * this.count === this.slots.length) this.grow();
    const at = this.count * ENTRY_WORDS;
    this.words.set(key, at);
    this.words[at + KEY_WORDS] = file;
    this.words[at + KEY_WORDS + 1] = start;
    this.words[at + KEY_WORDS + 2] = bytes;
    this.slots[this.slotOf(key)] = this.count;
    return this.count++;
  }

  /** @returns the number of the latest entry with a key; undefined if there is none */
  find(key: Uint32Array): number | undefined {
    const entry = this.slots[this.slotOf(key)];
    return entry === FREE ? undefined : entry;
  }

  keyOf(entry: number): Uint32Array {
    return this.words.subarray(entry * ENTRY_WORDS, entry * ENTRY_WORDS + KEY_WORDS);
  }

  placeOf(entry: number): Place {
    const at = entry * ENTRY_WORDS + KEY_WORDS;
    return { file: this.words[at], start: this.words[at + 1], bytes: this.words[at + 2] };
  }

  /** The slot that has a key's entry, or is free for it. */
  private slotOf(key: Uint32Array): number {
    const { slots, words } = this;
    const last = slots.length - 1;
    let slot = key[0] & last;
    for (; slots[slot] !== FREE; slot = (slot + 1) & last) {
      const at = slots[slot] * ENTRY_WORDS;
      if (words[at] === key[0] && words[at + 1] === key[1] && words[at + 2] === key[2] && words[at + 3] === key[3])
        break;
    }
    return slot;
  }

  private grow(): void {
    const words = new Uint32Array(2 * this.words.length);
    words.set(this.words);
    this.words = words;
    this.slots = new Int32Array(2 * this.slots.length).fill(FREE);
    for (let entry = 0; entry < this.count; entry++) this.slots[this.slotOf(this.keyOf(entry))] = entry;
  }
}
