/** Which of growing things must come before which: a relation kept transitive as pairs are added to it. */
export class Precedence {
  /** Bit j of row i: j comes before i. */
  private readonly rows: Uint32Array[] = [];

  /** Admits the next thing; things are numbered from 0. */
  admit(): number {
    return this.rows.push(new Uint32Array(0)) - 1;
  }

  isBefore(first: number, second: number): boolean {
    const word = this.rows[second]![first >>> 5] ?? 0;
    return (word & (1 << (first & 31))) !== 0;
  }

  /** From now on `first`, and all that comes before it, comes before `second` and all that comes after that. */
  put(first: number, second: number): void {
    if (first === second || this.isBefore(first, second)) return;
    this.extend(second, first);
    for (let i = 0; i < this.rows.length; i++)
      if (i !== second && this.isBefore(second, i)) this.extend(i, first);
  }

  /** Adds `first` and its row to the row of `i`. */
  private extend(i: number, first: number): void {
    const more = this.rows[first]!;
    const words = Math.max(more.length, (first >>> 5) + 1);
    if (this.rows[i]!.length < words) {
      const longer = new Uint32Array(words);
      longer.set(this.rows[i]!);
      this.rows[i] = longer;
    }
    const row = this.rows[i]!;
    for (let w = 0; w < more.length; w++) row[w]! |= more[w]!;
    row[first >>> 5]! |= 1 << (first & 31);
  }
}
