/** A bounded map that forgets what was used longest ago, and counts. */

export interface CacheStats {
  readonly size: number;
  readonly limit: number;
  readonly hits: number;
  readonly misses: number;
}

export class Cache<V> {
  private readonly entries = new Map<string, V>();
  private hits = 0;
  private misses = 0;

  constructor(private readonly limit: number) {}

  /** The value under `key`, made when it is missing. */
  get(key: string, make: () => V): V {
    const have = this.entries.get(key);
    if (have !== undefined) {
      this.hits++;
      this.entries.delete(key);
      this.entries.set(key, have);
      return have;
    }
    this.misses++;
    const value = make();
    this.entries.set(key, value);
    if (this.entries.size > this.limit) this.entries.delete(this.entries.keys().next().value!);
    return value;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  get stats(): CacheStats {
    return { size: this.entries.size, limit: this.limit, hits: this.hits, misses: this.misses };
  }
}
