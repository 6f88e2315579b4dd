// One fault, for lint.mjs to find.
import { tensor } from "fluxion";

export const branch = (): string => (tensor([0]) ? "always" : "never");
