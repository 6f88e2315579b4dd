/**
 * What `npm start` and `npm test` do first: on a fresh clone, or after package-lock.json has changed,
 * install the dependencies. Plain Node, because nothing is installed yet.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { packages: {} });

/** npm leaves out the packages that are for other platforms, and those are all optional. */
const required = ([path, entry]) => path !== "" && !entry.optional && !entry.devOptional && !entry.link;

/** Whether node_modules holds every package that the lockfile names, at its version, by npm's own record. */
const upToDate = (folder) => {
  const wanted = Object.entries(read(join(folder, "package-lock.json")).packages).filter(required);
  const present = read(join(folder, "node_modules", ".package-lock.json")).packages;
  return wanted.every(
    ([path, entry]) => present[path]?.version === entry.version && existsSync(join(folder, path)),
  );
};

/** Installs what the lockfile of a folder (the root, or bench/) names, unless it is there already. */
export function setup(folder = root) {
  if (upToDate(folder)) return;
  process.stderr.write(`fluxion: installing dependencies (npm ci in ${folder})\n`);
  const { status } = spawnSync("npm", ["ci", "--include=dev", "--no-fund", "--no-audit"], {
    cwd: folder,
    stdio: ["ignore", 2, 2], // stdout belongs to the command that follows
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  process.stderr.write("fluxion: npm ci failed\n");
  process.exit(status ?? 1);
}

/** Runs an installed package's script under this same Node, and ends with its exit code. */
export function runNode(script, args) {
  const child = spawn(process.execPath, [join(root, script), ...args], { cwd: root, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) setup();
