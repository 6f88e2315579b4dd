/** Which Node measures. */
import { execFileSync } from "node:child_process";

export interface NodeBinary {
  readonly path: string;
  readonly version: string;
  readonly v8: string;
}

const thisNode: NodeBinary = {
  path: process.execPath,
  version: process.version,
  v8: process.versions.v8,
};

const describeNode =
  "JSON.stringify({ path: process.execPath, version: process.version, v8: process.versions.v8 })";

/** A release such as 24 comes from npm, as its package `node`; whatever else is said is the path of a program. */
const commandOf = (wanted: string): readonly [command: string, ...args: string[]] =>
  /^\d+(\.\d+)*$/.test(wanted) ? ["npx", "--yes", "--package", `node@${wanted}`, "node"] : [wanted];

/** This Node, or the one that is asked for; throws where there is none. */
export const findNode = (wanted: string | undefined): NodeBinary => {
  if (wanted === undefined) return thisNode;
  const [command, ...args] = commandOf(wanted);
  try {
    const answer = execFileSync(command, [...args, "-p", describeNode], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    return JSON.parse(answer) as NodeBinary;
  } catch (error) {
    const reason = String(error).split("\n")[0];
    throw new Error(`expected a release of Node or the path of one, got ${wanted} (${reason})`, {
      cause: error,
    });
  }
};
