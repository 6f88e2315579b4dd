/**
 * `npm run site`: builds the demonstration page to site/dist, for any static file server.
 * `npm run site -- --serve [PORT]` serves it on this machine, too, with the headers
 * that let its worker share memory with threads.
 */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, setup } from "./setup.mjs";

const source = join(root, "site");

/** Builds the page to a folder, which is emptied first. */
export const buildSite = async (folder) => {
  const { build } = await import("esbuild");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(source, "page.ts"), join(source, "worker.ts")],
    outdir: folder,
    bundle: true,
    minify: true,
    keepNames: true, // errors are shown with their names
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"],
    tsconfig: join(root, "tsconfig.base.json"),
    sourcemap: "linked",
    logLevel: "error",
  });
  for (const file of ["index.html", "style.css", "icon.svg"]) cpSync(join(source, file), join(folder, file));
  const data = join(root, "examples", "fashion-mnist", "data");
  const copy = (from, to = from) => cpSync(join(data, from), join(folder, "data", to));
  for (const part of ["train", "t10k"]) {
    copy(`${part}-images-idx3-ubyte.gz`);
    copy(`${part}-labels-idx1-ubyte.gz`);
  }
  copy("LICENSE", "LICENSE.txt");
};

const main = async ([option, port = "8080"]) => {
  if (![undefined, "--serve"].includes(option) || !/^\d+$/.test(port)) {
    console.error(`site: expected --serve [PORT] or nothing, got ${option} ${port}`);
    process.exitCode = 2;
    return;
  }
  setup();
  const folder = join(source, "dist");
  await buildSite(folder);
  console.log(`site: built to ${folder}`);
  if (option === undefined) return;
  const { serveFolder } = await import("./static-server.mjs");
  const { url } = await serveFolder(folder, { port: Number(port), isolated: true });
  console.log(`site: ${url}/ (Ctrl-C ends it)`);
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2));
