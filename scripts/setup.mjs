/**
 * What `npm start` and `npm test` do first: on a fresh clone, or after package-lock.json has changed,
 * install the dependencies. Plain Node, because nothing is installed yet.
 */
import { createHash } from "node:crypto";
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const stamp = join(root, "node_modules", ".fluxion-lock");

const lockHash = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");

const installed = (hash) => existsSync(stamp) && readFileSync(stamp, "utf8") === hash;

/** Installs what package-lock.json names, unless it is there already. */
export function setup() {
  const hash = lockHash();
  if (installed(hash)) return;
  process.stderr.write("fluxion: installing dependencies (npm ci)\n");
  const { status } = spawnSync("npm", ["ci", "--no-fund", "--no-audit"], {
    cwd: root,
    stdio: ["ignore", 2, 2], // stdout belongs to the command that follows
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    process.stderr.write("fluxion: npm ci failed\n");
    process.exit(status ?? 1);
  }
  writeFileSync(stamp, hash);
}

/** Runs an installed package's script under this same Node, and ends with its exit code. */
export function runNode(script, args) {
  const child = spawn(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) setup();
