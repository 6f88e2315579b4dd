/** Before all tests: the pages, the site and the packed package are built, and served. */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";
import { buildSite } from "../../scripts/site.mjs";
import { serveFolder } from "../../scripts/static-server.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
/** The folder that is served. */
const served = join(here, ".cache", "served");

const bundlePages = async (): Promise<void> => {
  await build({
    entryPoints: ["page.ts", "worker.ts"].map((f) => join(here, "pages", f)),
    outdir: served,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"],
    tsconfig: join(here, "tsconfig.json"),
    sourcemap: "linked",
    logLevel: "error",
  });
  cpSync(join(here, "pages", "index.html"), join(served, "index.html"));
  cpSync(join(root, "examples", "fashion-mnist", "data"), join(served, "data"), { recursive: true });
};

declare module "vitest" {
  interface ProvidedContext {
    /** The address of the pages, without and with cross-origin isolation. */
    plain: string;
    isolated: string;
  }
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  rmSync(served, { recursive: true, force: true });
  mkdirSync(served, { recursive: true });
  await bundlePages();
  await buildSite(join(served, "site"));
  const servers = await Promise.all([serveFolder(served), serveFolder(served, { isolated: true })]);
  project.provide("plain", servers[0].url);
  project.provide("isolated", servers[1].url);
  return async () => {
    await Promise.all(servers.map((s) => s.close()));
  };
};
