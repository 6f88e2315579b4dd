/** Free places in a memory, by size. Sizes are rounded up to eight steps between powers of two, so that places are used again. */
export class Places {
  private end: number;
  private inUse = 0;
  private readonly free = new Map<number, number[]>();

  /** `reserve` makes the memory hold so many units, or throws. Sizes are multiples of `smallest`. */
  constructor(
    from: number,
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
    const list = this.free.get(size);
    const at = list?.pop() ?? this.extended(size);
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

  private extended(size: number): number {
    const at = this.end;
    this.reserve(at + size);
    this.end = at + size;
    return at;
  }

  /** What a place of so many units takes. */
  sizeFor(length: number): number {
    const n = Math.max(this.smallest, length);
    const step = Math.max(this.smallest, 2 ** (Math.ceil(Math.log2(n)) - 3));
    return Math.ceil(n / step) * step;
  }
}
