/** Engines do not know that small objects hold much of a device's memory, and so do not hurry to collect them. */

/** Bytes of results after which dropped ones are to be collected: engines count buffers of 64 MB. */
const collectFrom = 1 << 26;

/** Turns of the event loop to wait for an engine that collects. */
const mostTurns = 20;

export class Collection {
  /** Bytes that were given to results since the engine was told. */
  private untold = 0;
  /** What was in use when waiting did not help: it is not tried again until there is more. */
  private incompressible = 0;

  /**
   * Lets the engine know of results of so many bytes, on a device that has `capacity`: it collects when the buffers of
   * its own that it has made are large, so from time to time it is made to make one.
   */
  tell(bytes: number, capacity: number): void {
    this.untold += bytes;
    if (this.untold < Math.min(collectFrom, capacity / 8)) return;
    this.untold = 0;
    new ArrayBuffer(collectFrom);
  }

  /**
   * Waits for the engine where half of the memory is in use: it says what it has collected between turns of the event
   * loop, for which a loop on a fast device leaves no time.
   */
  async wait(used: () => number, capacity: number): Promise<void> {
    const before = used();
    if (2 * before <= capacity || before <= this.incompressible) return;
    for (let turn = 0; turn < mostTurns && used() >= before; turn++)
      await new Promise((resolve) => setTimeout(resolve));
    this.incompressible = used() < before ? 0 : before;
  }
}
