import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { serveFolder } from "../../scripts/static-server.mjs";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxion-site-"));
  mkdirSync(join(folder, "public", "a b"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "public", "index.html"), "<p>index</p>");
  writeFileSync(join(folder, "public", "a b", "x.js"), "1");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The status, type and text of an answer to a path as it is: `fetch` would tidy it. */
const get = (url: string, path: string): Promise<readonly [number, string, string]> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () =>
        resolve([response.statusCode!, response.headers["content-type"] ?? "", text.trim()]),
      );
    })
      .on("error", reject)
      .end();
  });

it("serves the files of a folder, and nothing else", async () => {
  const { url, close } = await serveFolder(join(folder, "public"));
  try {
    expect(await get(url, "/")).toEqual([200, "text/html; charset=utf-8", "<p>index</p>"]);
    expect(await get(url, "/a%20b/x.js?query")).toEqual([200, "text/javascript; charset=utf-8", "1"]);
    for (const path of [
      "/secret.txt",
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/..%2fsecret.txt",
      "/a%20b",
      "/%",
      "/%00",
    ])
      expect((await get(url, path))[0], path).toBe(404);
  } finally {
    await close();
  }
});

it("isolates pages only where it is told to", async () => {
  for (const isolated of [false, true]) {
    const { url, close } = await serveFolder(join(folder, "public"), { isolated });
    const { headers } = await fetch(`${url}/`);
    expect(headers.get("cross-origin-opener-policy")).toBe(isolated ? "same-origin" : null);
    expect(headers.get("cross-origin-embedder-policy")).toBe(isolated ? "require-corp" : null);
    await close();
  }
});
