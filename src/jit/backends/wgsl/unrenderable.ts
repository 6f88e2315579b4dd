/** Why a kernel has no WGSL: it runs in JavaScript instead, and says so. */
export class Unrenderable extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}
