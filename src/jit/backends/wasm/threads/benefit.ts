/**
 * Whether sharing is worth it: what jobs took beside what they would have taken on one thread, as the parts show that
 * the calling thread computed. Where other processes use the processors, waiting for a worker that does not run costs
 * more than its help gains; then all work stays on the calling thread for a while.
 */

/** Judged after so much time of jobs. */
export const judgedMs = 10;
/** The first rest, and the longest; each that follows another one is twice as long. */
export const shortestRestMs = 50;
export const longestRestMs = 800;

export class Benefit {
  private together = 0;
  private alone = 0;
  private rest: number = shortestRestMs;
  private until = 0;

  /** Whether work should stay on the calling thread now. */
  get isResting(): boolean {
    return this.until > 0 && performance.now() < this.until;
  }

  /** A job took so long; parts that took `own` together were the calling thread's. */
  record(took: number, own: number, ownParts: number, parts: number): void {
    if (ownParts === 0) return;
    this.together += took;
    this.alone += (own / ownParts) * parts;
    if (this.together < judgedMs) return;
    if (this.together > this.alone) {
      this.until = performance.now() + this.rest;
      this.rest = Math.min(longestRestMs, 2 * this.rest);
    } else this.rest = shortestRestMs;
    this.together = 0;
    this.alone = 0;
  }
}
