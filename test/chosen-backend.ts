/** Set-up of every test file: `FLUXION_BACKEND=js npm test` runs the tests on another backend than the default. */
import { type BackendName, setBackend } from "../src/index.js";

const name = process.env["FLUXION_BACKEND"];
if (name !== undefined) setBackend(name as BackendName); // which says what there is
