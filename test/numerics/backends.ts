/** Tests that hold on every backend. */
import { afterAll, beforeAll, describe } from "vitest";
import { type BackendName, getBackend, setBackend } from "../../src/index.js";

export const backends = ["js", "wasm"] as const satisfies readonly BackendName[];

/** The tests of the suite in which it is called run on a backend. */
export const useBackend = (backend: BackendName): void => {
  const before = getBackend();
  beforeAll(() => {
    setBackend(backend);
  });
  afterAll(() => {
    setBackend(before);
  });
};

/** A suite for each backend. */
export const onEachBackend = (title: string, body: (backend: (typeof backends)[number]) => void): void => {
  describe.each(backends)(`${title}, on %s`, (backend) => {
    useBackend(backend);
    body(backend);
  });
};
