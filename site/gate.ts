/** A gate in a loop's way: closed, the loop waits, and its clock stands still. */
export class Gate {
  private open = false;
  private openedAt = 0;
  /** Milliseconds that the gate was open before. */
  private before = 0;
  /** Milliseconds, of those, that went into what is not the loop's work. */
  private aside = 0;
  private wake: (() => void) | null = null;

  private total(): number {
    return this.before + (this.open ? performance.now() - this.openedAt : 0);
  }

  /** Milliseconds of the loop's work. */
  readonly now = (): number => this.total() - this.aside;

  /** All of the time for each part of it that is the loop's work: at least 1. */
  overhead(): number {
    return this.total() / Math.max(1, this.now());
  }

  go(): void {
    if (this.open) return;
    this.openedAt = performance.now();
    this.open = true;
    this.wake?.();
    this.wake = null;
  }

  pause(): void {
    this.before = this.total();
    this.open = false;
  }

  /** Resolves once messages that have arrived were heard and the gate is open. */
  async pass(): Promise<void> {
    await nextTask();
    if (!this.open) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  /** Something else, which the loop's clock does not count. */
  async besides<T>(body: () => Promise<T>): Promise<T> {
    const start = this.total();
    const result = await body();
    this.aside += this.total() - start;
    return result;
  }
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** A turn of the event loop, without the pause that timers make. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
