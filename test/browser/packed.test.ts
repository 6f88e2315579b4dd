/** What npm would publish, bundled as an application bundles it, in Chromium. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { beforeAll, expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const consumer = join(here, ".cache", "consumer");
const served = join(here, ".cache", "served");

/** The package as `npm pack` makes it, where an application would have it. */
const install = (): void => {
  if (!existsSync(join(root, "dist", "index.js")))
    throw new Error(
      "browser tests: expected the package to be built (npm run build), found no dist/index.js",
    );
  const folder = join(consumer, "node_modules", "fluxion");
  rmSync(consumer, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", consumer], {
    cwd: root,
  });
  const tarball = readdirSync(consumer).find((f) => f.endsWith(".tgz"))!;
  execFileSync("tar", ["-xzf", join(consumer, tarball), "-C", folder, "--strip-components=1"]);
  cpSync(join(root, "scripts", "smoke", "browser.mjs"), join(consumer, "browser.mjs"));
  writeFileSync(join(consumer, "page.mjs"), 'import "./browser.mjs";\nglobalThis.loaded = true;\n');
};

const bundle = async (): Promise<Metafile> => {
  const { metafile } = await build({
    entryPoints: [join(consumer, "page.mjs")],
    outfile: join(served, "packed.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    external: ["node:*"],
    tsconfigRaw: {}, // whose paths would lead to the source
    metafile: true,
    logLevel: "error",
  });
  writeFileSync(
    join(served, "packed.html"),
    '<!doctype html><title>packed</title><link rel="icon" href="data:," /><script type="module" src="packed.js"></script>\n',
  );
  return metafile;
};

const browser = useBrowser();
let metafile: Metafile;

beforeAll(async () => {
  install();
  metafile = await bundle();
});

test("the bundle is of the packed files, and imports nothing from Node as it loads", () => {
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((f) => f.endsWith("consumer/node_modules/fluxion/dist/index.js"))).toBe(true);
  expect(inputs.filter((f) => /(^|\/)src\//.test(f))).toEqual([]);
  const [output] = Object.values(metafile.outputs);
  expect(output!.imports.filter(({ kind }) => kind === "import-statement")).toEqual([]);
});

test.each(["plain", "isolated"] as const)("it loads and runs on the %s page", async (kind) => {
  await onPage(browser, `${inject(kind)}/packed.html`, async (page) => {
    await page.waitForFunction(() => "loaded" in globalThis, undefined, { timeout: 10_000 });
  });
});
