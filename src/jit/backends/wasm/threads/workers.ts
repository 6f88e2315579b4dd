/** The workers of a team: they are started together, and what they share is free when the last one has ended. */
import type { Spawn, Start, Thread } from "./host.js";

export class Workers {
  readonly threads: Thread[] = [];
  /** Those that have not ended. */
  private alive = 0;
  private ending = false;
  private readonly afterwards: (() => void)[] = [];

  /** `lost` is called when one has ended that was not told to. */
  constructor(private readonly lost: () => void) {}

  /** Whether one of them has ended, or was told to. */
  get isBroken(): boolean {
    return this.ending;
  }

  /** Starts so many. Throws, and ends those that it has started, where workers, or so many of them, are not allowed. */
  start(count: number, spawn: Spawn, start: Omit<Start, "number">): void {
    try {
      for (let number = 0; number < count; number++) {
        const thread = spawn({ ...start, number }, this.onceEnded());
        this.threads.push(thread);
        this.alive++;
      }
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Browsers tell of one that has failed, and once more when it was told to end. */
  private onceEnded(): () => void {
    let told = false;
    return () => {
      if (told) return;
      told = true;
      this.ended();
    };
  }

  private ended(): void {
    this.alive--;
    if (!this.ending) {
      this.ending = true;
      this.lost();
    }
    if (this.alive === 0) for (const f of this.afterwards.splice(0)) f();
  }

  /** Calls `f` when all have ended: nobody can write anywhere any more. */
  whenEnded(f: () => void): void {
    if (this.alive === 0) f();
    else this.afterwards.push(f);
  }

  end(): void {
    this.ending = true;
    for (const t of this.threads) t.end();
  }
}
