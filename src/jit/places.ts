/**
 * Free places in a memory. Sizes are rounded up to eight steps between powers of two, so that places are used again as they
 * are. Where none has the size and most of the memory is free, free neighbours are joined, and the smallest place that is
 * large enough is cut: sizes that change from call to call do not fill the memory with places that no one wants.
 */
interface Gap {
  readonly at: number;
  readonly size: number;
}

export class Places {
  private end: number;
  private inUse = 0;
  /** As they were released, by size. */
  private readonly free = new Map<number, number[]>();
  /** Joined, or what cuts left of them; no two are neighbours, and none is at the end. */
  private gaps: readonly Gap[] = [];

  /** `reserve` makes the memory hold so many units, or throws. Sizes are multiples of `smallest`. */
  constructor(
    private readonly from: number,
    private readonly smallest: number,
    private readonly reserve: (end: number) => void,
  ) {
    this.end = from;
  }

  get used(): number {
    return this.inUse;
  }

  allocate(length: number): number {
    const size = this.sizeFor(length);
    const at = this.free.get(size)?.pop() ?? this.cut(size) ?? this.made(size);
    this.inUse += size;
    return at;
  }

  release(at: number, length: number): void {
    const size = this.sizeFor(length);
    this.inUse -= size;
    const list = this.free.get(size);
    if (list === undefined) this.free.set(size, [at]);
    else list.push(at);
  }

  /** A place that there was not; joining takes time, which is not worth it where most of the memory is in use anyway. */
  private made(size: number): number {
    if (this.end - this.from < 2 * this.inUse + size)
      try {
        return this.extended(size);
      } catch {
        // The memory is full, if not with what is in use.
      }
    this.join();
    return this.cut(size) ?? this.extended(size);
  }

  private extended(size: number): number {
    const at = this.end;
    this.reserve(at + size);
    this.end = at + size;
    return at;
  }

  private join(): void {
    const gaps = [...this.gaps];
    this.free.forEach((places, size) => {
      for (const at of places) gaps.push({ at, size });
    });
    this.free.clear();
    gaps.sort((a, b) => a.at - b.at);
    const joined: Gap[] = [];
    for (const gap of gaps) {
      const last = joined.at(-1);
      if (last !== undefined && last.at + last.size === gap.at)
        joined[joined.length - 1] = { at: last.at, size: last.size + gap.size };
      else joined.push(gap);
    }
    const last = joined.at(-1);
    if (last !== undefined && last.at + last.size === this.end) {
      this.end = last.at;
      joined.pop();
    }
    this.gaps = joined;
  }

  /** The beginning of the smallest gap that is large enough; null where none is. */
  private cut(size: number): number | null {
    const fitting = this.gaps.filter((gap) => gap.size >= size);
    const [first, ...others] = fitting;
    if (first === undefined) return null;
    const best = others.reduce((a, b) => (b.size < a.size ? b : a), first);
    this.gaps = this.gaps.flatMap((gap) => {
      if (gap !== best) return [gap];
      return gap.size === size ? [] : [{ at: gap.at + size, size: gap.size - size }];
    });
    return best.at;
  }

  /** What a place of so many units takes. */
  sizeFor(length: number): number {
    const n = Math.max(this.smallest, length);
    const step = Math.max(this.smallest, 2 ** (Math.ceil(Math.log2(n)) - 3));
    return Math.ceil(n / step) * step;
  }
}
