/** Running a test, or a part of one, on a backend of its own. */
import { afterAll, beforeAll, describe } from "vitest";
import { type BackendName, getBackend, setBackend } from "../src/index.js";

/** What `body` gives while a backend is in use. */
export const on = <T>(backend: BackendName, body: () => T): T => {
  const before = getBackend();
  setBackend(backend);
  try {
    return body();
  } finally {
    setBackend(before);
  }
};

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
