/**
 * The memory of intermediates. Programs run one at a time and keep nothing in it between calls, so all share one
 * buffer, as large as the largest has needed.
 */
class Arena {
  private buffer = new ArrayBuffer(0);
  /** Grows when the buffer is replaced: views of an older one are stale. */
  generation = 0;

  reserve(bytes: number): ArrayBuffer {
    if (bytes > this.buffer.byteLength) {
      this.buffer = new ArrayBuffer(Math.max(bytes, Math.min(2 * this.buffer.byteLength, 1 << 28)));
      this.generation++;
    }
    return this.buffer;
  }
}

export const arena: Arena = new Arena();
