/**
 * Columns of a picture that grows for as long as a sound does, in memory that does not: whenever it is full, neighbours become one,
 * and each column stands for twice the time.
 */
export class GrowingColumns {
  /** Columns that there are. */
  count = 0;
  /** Columns given that become one. */
  perColumn = 1;
  /** Column by column, shape `(capacity, size)`. */
  readonly values: Float32Array;
  /** Columns given that the last one is made of so far. */
  private filled = 0;

  /**
   * @param capacity - even
   * @param size - numbers of a column
   * @param merge - of two neighbours' numbers at a place in the column
   */
  constructor(
    readonly capacity: number,
    readonly size: number,
    private readonly merge: (a: number, b: number, place: number) => number,
  ) {
    this.values = new Float32Array(capacity * size);
  }

  /** Columns given so far. */
  get given(): number {
    return this.count === 0 ? 0 : (this.count - 1) * this.perColumn + this.filled;
  }

  /** Adds columns, shape `(n, size)`. @returns the first column that has changed: all of them where neighbours have become one */
  add(columns: Float32Array): number {
    let changed = Math.max(0, this.count - 1);
    for (let from = 0; from < columns.length; from += this.size) {
      if (this.count === 0 || this.filled === this.perColumn) {
        if (this.count === this.capacity) {
          this.halve();
          changed = 0;
        }
        this.values.set(columns.subarray(from, from + this.size), this.count * this.size);
        this.count++;
        this.filled = 1;
      } else {
        const to = (this.count - 1) * this.size;
        for (let k = 0; k < this.size; k++) this.values[to + k] = this.merge(this.values[to + k], columns[from + k], k);
        this.filled++;
      }
    }
    return changed;
  }

  private halve(): void {
    this.count /= 2;
    this.perColumn *= 2;
    this.filled = this.perColumn;
    for (let column = 0; column < this.count; column++)
      for (let k = 0; k < this.size; k++) {
        const from = 2 * column * this.size + k;
        this.values[column * this.size + k] = this.merge(this.values[from], this.values[from + this.size], k);
      }
  }
}
