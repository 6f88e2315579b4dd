/** A server of the files under a folder, for pages on this machine: no more than a plain static host does. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".gz": "application/gzip",
};

/** What makes a page cross-origin isolated, which gives it SharedArrayBuffer. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The file that a URL path names; undefined for what is no path inside the folder. */
const fileOf = (folder, url) => {
  try {
    const path = normalize(decodeURIComponent(new URL(url, "http://localhost").pathname));
    if (path.includes("\0") || path.split(sep).includes("..")) return undefined;
    return join(folder, path.endsWith(sep) ? join(path, "index.html") : path);
  } catch {
    return undefined;
  }
};

const isFile = async (file) => {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
};

/**
 * Serves `folder` on this machine alone, on `port` (0: any that is free), with the headers of cross-origin isolation
 * if `isolated`. Resolves to the address and to what stops the server.
 *
 * @param {string} folder
 * @param {{ port?: number, isolated?: boolean }} [options]
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export const serveFolder = (folder, { port = 0, isolated = false } = {}) => {
  const server = createServer(async (request, response) => {
    const file = fileOf(folder, request.url ?? "/");
    if (file === undefined || !(await isFile(file))) {
      response.writeHead(404, { "Content-Type": types[".txt"] }).end("not found\n");
      return;
    }
    response.writeHead(200, {
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
      "Cache-Control": "no-store",
      ...(isolated ? isolation : {}),
    });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
};
