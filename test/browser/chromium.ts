/** The browser of a test file, and pages that fail the test when they report an error. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium as the variable `CHROMIUM` says, or where distributions put it. */
export const findChromium = (
  chosen: string | undefined = process.env["CHROMIUM"],
  places: readonly string[] = usual,
): string => {
  const found = (chosen === undefined ? places : [chosen]).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    `browser tests: expected Chromium at ${chosen ?? places.join(" or ")}, found none: install it (Debian: apt-get install chromium), or name it in the variable CHROMIUM`,
  );
};

/** WebGPU runs in software, so that the tests need no graphics card; the rest keeps the browser from calling home. */
const switches = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Opens pages of the file's browser. */
export interface Browser {
  /** A new page at an address. `errors` collects what it reports: exceptions, console errors, failed requests. */
  readonly open: (url: string) => Promise<{ readonly page: Page; readonly errors: readonly string[] }>;
}

const listen = (page: Page): readonly string[] => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("requestfailed", (request) => errors.push(`${request.url()}: ${request.failure()?.errorText}`));
  return errors;
};

/** A browser for the tests of one file, with a profile of its own. */
export const useBrowser = (): Browser => {
  const profile = mkdtempSync(join(tmpdir(), "fluxion-chromium-"));
  let context: BrowserContext | null = null;
  beforeAll(async () => {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: findChromium(),
      headless: true,
      args: switches,
      viewport: { width: 1280, height: 900 },
    });
  });
  afterAll(async () => {
    await context?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  return {
    open: async (url) => {
      const page = await context!.newPage();
      const errors = listen(page);
      await page.goto(url);
      return { page, errors };
    },
  };
};

/** What `body` gives for a page at an address, which must not report an error. */
export const onPage = async <T>(
  browser: Browser,
  url: string,
  body: (page: Page) => Promise<T>,
): Promise<T> => {
  const { page, errors } = await browser.open(url);
  try {
    const result = await body(page);
    expect(errors).toEqual([]);
    return result;
  } catch (error) {
    const reports = errors.length > 0 ? `; the page reported:\n${errors.join("\n")}` : "";
    throw new Error(`${error instanceof Error ? error.message : String(error)}${reports}`, { cause: error });
  } finally {
    await page.close();
  }
};
