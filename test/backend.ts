/** Running a part of a test on a backend of its own. */
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
