/** The demonstration page, used as its readers use it: with a pointer, with the keyboard alone, with a screen reader. */
import { createRequire } from "node:module";
import type { AxeResults, ElementContext, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { backends } from "./tasks.js";

const browser = useBrowser();
const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** 20 steps an epoch. */
const brief = "images=1280&epochs=2";

const site = (query: string = brief, kind: "plain" | "isolated" = "plain"): string =>
  `${inject(kind)}/site/?${query}`;

type Phase = "ready" | "running" | "paused" | "done" | "failed";

const phaseOf = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => document.body.dataset["phase"]);

const reach = async (page: Page, phase: Phase): Promise<void> => {
  await page.waitForFunction((wanted) => document.body.dataset["phase"] === wanted, phase, {
    timeout: 60_000,
  });
};

const textOf = async (page: Page, id: string): Promise<string> =>
  ((await page.textContent(`#${id}`)) ?? "").replaceAll("\u00a0", " ");

const stepOf = async (page: Page): Promise<number> => Number.parseInt(await textOf(page, "step"), 10) || 0;

const afterStep = async (page: Page, step: number): Promise<void> => {
  await page.waitForFunction(
    (n) => Number.parseInt(document.getElementById("step")!.textContent, 10) > n,
    step,
  );
};

/** How many colours a canvas shows. */
const coloursOf = (page: Page, selector: string): Promise<number> =>
  page.$eval(selector, (canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    return new Set(new Uint32Array(data.buffer)).size;
  });

const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id);

/** The slower a backend is, the less it has to do. `steps` are in an epoch. */
const sizes = {
  wasm: { name: "WebAssembly", images: 1280, epochs: 2, tests: 2000, steps: 20, atLeast: 60 },
  "wasm-worker": {
    name: "WebAssembly in a worker of its own",
    images: 1280,
    epochs: 1,
    tests: 500,
    steps: 20,
    atLeast: 50,
  },
  js: { name: "JavaScript", images: 1280, epochs: 1, tests: 500, steps: 20, atLeast: 50 },
  webgpu: { name: "WebGPU", images: 320, epochs: 1, tests: 100, steps: 5, atLeast: 25 },
} as const;

describe.each([...backends, "wasm-worker"] as const)("the page trains on %s", (backend) => {
  test("and shows what it learns", async () => {
    const { name, images, epochs, tests, steps, atLeast } = sizes[backend];
    const query = `images=${images}&epochs=${epochs}&tests=${tests}&backend=${backend}`;
    const last = steps * epochs;
    await onPage(browser, site(query), async (page) => {
      await reach(page, "ready");
      expect(await textOf(page, "backend")).toBe(
        `Runs on ${name}: 61,706 parameters, ${images.toLocaleString("en")} training images, ${tests.toLocaleString("en")} test images.`,
      );
      expect(await page.isVisible("#refusals")).toBe(false);
      await page.waitForFunction(() => document.getElementById("accuracy")!.textContent.endsWith("%"));
      const before = Number.parseFloat(await textOf(page, "accuracy"));
      expect(before).toBeLessThan(30);
      const blank = await coloursOf(page, "#loss-chart");
      const filters = await page.textContent("#weights");

      await page.click("#toggle");
      await reach(page, "done");
      expect(await textOf(page, "step")).toBe(`${last} of ${last}`);
      expect(await textOf(page, "epoch")).toBe(`${epochs} of ${epochs}`);
      const accuracy = await textOf(page, "accuracy");
      expect(Number.parseFloat(accuracy)).toBeGreaterThan(Math.max(before, atLeast));
      expect(await textOf(page, "status")).toBe(`Finished. Test accuracy ${accuracy}.`);
      expect(await page.$eval("#progress", (p) => (p as HTMLProgressElement).value)).toBe(last);

      // One exam before the training, and one after each quarter of an epoch, rounded up.
      const exams = Array.from({ length: last + 1 }, (_, i) => i).filter((i) => {
        const within = i % steps;
        return within === 0 || within % Math.ceil(steps / 4) === 0;
      });
      const rows = await page.$$eval("#history tr", (trs) =>
        trs.map((tr) => tr.firstElementChild!.textContent),
      );
      expect(rows).toEqual(exams.map(String));
      expect(await page.$$eval("#recalls tr", (trs) => trs.length)).toBe(10);
      expect(await page.$$eval("#answers li", (items) => items.map((i) => i.textContent))).toHaveLength(10);
      expect(await textOf(page, "answers")).toMatch(/✓ right, \d+\.\d % sure/);
      expect(await page.textContent("#weights")).not.toBe(filters);
      expect(await coloursOf(page, "#loss-chart")).toBeGreaterThan(blank);
      expect(await coloursOf(page, "#answers canvas")).toBeGreaterThan(20);
      expect(await coloursOf(page, "#filters canvas")).toBeGreaterThan(10);
    });
  });
});

test("the page says which backend it has passed over, and why", async () => {
  await onPage(browser, site(), async (page) => {
    await reach(page, "ready");
    expect(await textOf(page, "backend")).toContain("Runs on WebAssembly");
    expect(await textOf(page, "refusals")).toBe(
      "Not on WebGPU: its adapter is emulated in software, which is slower than WebAssembly",
    );
  });
});

/** The page, with something in its worker's environment changed; until it is ready. */
const changed = async <T>(change: string, query: string, body: (page: Page) => Promise<T>): Promise<T> =>
  onPage(browser, "about:blank", async (page) => {
    await page.route("**/worker.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${change};\n${await response.text()}` });
    });
    await page.goto(site(query));
    await reach(page, "ready");
    return body(page);
  });

test("where WebAssembly has no vectors, the page runs on JavaScript and says so", async () => {
  const none = "WebAssembly.validate = () => false";
  await changed(none, brief, async (page) => {
    expect(await textOf(page, "backend")).toContain("Runs on JavaScript");
    expect(await textOf(page, "refusals")).toMatch(
      /Not on WebAssembly: initBackend: expected an available backend .*no WebAssembly with 128-bit vectors/,
    );
  });
  await changed(none, `${brief}&backend=wasm-worker`, async (page) => {
    expect(await textOf(page, "backend")).toContain("Runs on JavaScript");
    expect(await textOf(page, "refusals")).toMatch(
      /^Not on WebAssembly in a worker of its own: .*Not on WebAssembly: /,
    );
  });
});

test("where no worker can be started within the page's, it runs on WebAssembly and says so", async () => {
  await changed("globalThis.Worker = undefined", `${brief}&backend=wasm-worker`, async (page) => {
    expect(await textOf(page, "backend")).toContain("Runs on WebAssembly:");
    expect(await textOf(page, "refusals")).toBe(
      'Not on WebAssembly in a worker of its own: initBackend: expected an environment with workers, got none: initBackend("wasm") needs none',
    );
  });
});

test("where there is no WebGPU, asked for or not, the page runs on WebAssembly and says so", async () => {
  const none = 'Object.defineProperty(WorkerNavigator.prototype, "gpu", { value: undefined })';
  await changed(none, brief, async (page) => {
    expect(await textOf(page, "backend")).toContain("Runs on WebAssembly");
    expect(await textOf(page, "refusals")).toBe("Not on WebGPU: this browser does not offer it to this page");
  });
  await changed(none, `${brief}&backend=webgpu`, async (page) => {
    expect(await textOf(page, "backend")).toContain("Runs on WebAssembly");
    expect(await textOf(page, "refusals")).toMatch(/^Not on WebGPU: initBackend: expected .*, got /);
  });
});

test("where WebGPU has a graphics card, the page runs on it without being asked", async () => {
  const card = 'Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { value: false })';
  await changed(card, "images=64&tests=10&epochs=1", async (page) => {
    expect(await textOf(page, "backend")).toContain("Runs on WebGPU");
    expect(await page.isVisible("#refusals")).toBe(false);
  });
});

test("a missing file is an alert, and Reset tries again", async () => {
  const { page } = await browser.open("about:blank");
  await page.route("**/train-images*", (route) => route.fulfill({ status: 404, body: "" }));
  await page.goto(site());
  await reach(page, "failed");
  expect(await page.getByRole("alert").textContent()).toBe(
    "The training stopped: /site/data/train-images-idx3-ubyte.gz: expected a file, got 404 Not Found. Reset to try again, perhaps on another backend.",
  );
  await page.unroute("**/train-images*");
  await page.getByRole("button", { name: "Reset" }).click();
  await reach(page, "ready");
  expect(await page.getByRole("alert").count()).toBe(0);
  await page.close();
});

test("with the keyboard alone: start, pause, go on, reset, another backend", async () => {
  await onPage(browser, site("images=6400&epochs=9"), async (page) => {
    await reach(page, "ready");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the training");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("toggle");
    const outline = await page.$eval("#toggle", (b) => getComputedStyle(b).outlineStyle);
    expect(outline).toBe("solid");

    await page.keyboard.press("Enter");
    await afterStep(page, 3);
    await page.keyboard.press("Space");
    expect(await phaseOf(page)).toBe("paused");
    expect(await page.textContent("#toggle")).toBe("Continue");
    await page.waitForTimeout(300); // the step that was under way
    const paused = await stepOf(page);
    await page.waitForTimeout(500);
    expect(await stepOf(page)).toBe(paused);

    await page.keyboard.press("Space");
    await afterStep(page, paused + 3);
    expect(await focused(page)).toBe("toggle");

    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("reset");
    await page.keyboard.press("Enter");
    await reach(page, "ready");
    expect(await textOf(page, "step")).toBe("–");
    expect(await page.$$eval("#history tr", (trs) => trs.length)).toBeLessThanOrEqual(1);

    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("wish");
    await page.keyboard.press("End");
    await page.waitForFunction(() =>
      document.getElementById("backend")!.textContent.startsWith("Runs on JavaScript"),
    );
    expect(await focused(page)).toBe("wish");
  });
});

test("the same run again gives the same table: after a reset in the middle, and with threads", async () => {
  const table = (page: Page): Promise<string | null> => page.textContent("#history");
  let whole: string | null = null;
  await onPage(browser, site(), async (page) => {
    await reach(page, "ready");
    await page.click("#toggle");
    await reach(page, "done");
    whole = await table(page);
    await page.click("#reset");
    await reach(page, "ready");
    await page.click("#toggle");
    await afterStep(page, 7);
    await page.click("#reset");
    await reach(page, "ready");
    await page.click("#toggle");
    await reach(page, "done");
    expect(await table(page)).toBe(whole);
  });
  for (const backend of ["wasm", "wasm-worker"] as const)
    await onPage(browser, site(`${brief}&backend=${backend}`, "isolated"), async (page) => {
      await reach(page, "ready");
      const processors = await page.evaluate(() => navigator.hardwareConcurrency);
      const threads = processors === 1 ? "" : `, ${Math.min(8, processors)} threads`;
      expect(await textOf(page, "backend")).toContain(`Runs on ${sizes[backend].name}${threads}: `);
      await page.click("#toggle");
      await reach(page, "done");
      expect(await table(page)).toBe(whole);
    });
});

test("the page answers while it trains, on the slowest backend too", async () => {
  await onPage(browser, site("backend=js&images=1280&epochs=9"), async (page) => {
    await reach(page, "ready");
    await page.click("#toggle");
    await afterStep(page, 1);
    const [longest, frames] = await page.evaluate(
      () =>
        new Promise<[number, number]>((resolve) => {
          const start = performance.now();
          let [last, longest, frames] = [start, 0, 0];
          const frame = (): void => {
            const now = performance.now();
            longest = Math.max(longest, now - last);
            last = now;
            frames++;
            if (now - start < 2000) requestAnimationFrame(frame);
            else resolve([longest, frames]);
          };
          requestAnimationFrame(frame);
        }),
    );
    // A page that computed by itself would stand still for every exam.
    expect(frames).toBeGreaterThan(20);
    expect(longest).toBeLessThan(600);
  });
});

describe("for everybody", () => {
  /** What axe finds against WCAG 2.2 AA and its best practices. */
  const violations = async (page: Page): Promise<readonly string[]> => {
    await page.addScriptTag({ path: axeFile });
    const results = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run: (context: ElementContext, options: RunOptions) => Promise<AxeResults> };
      };
      return axe.run(document as unknown as ElementContext, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      });
    });
    expect(results.passes.length).toBeGreaterThan(20);
    return results.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html} ${n.failureSummary}`));
  };

  test.each(["light", "dark"] as const)("axe finds nothing, %s", async (colorScheme) => {
    await onPage(browser, "about:blank", async (page) => {
      await page.emulateMedia({ colorScheme });
      await page.goto(site());
      await reach(page, "ready");
      expect(await violations(page)).toEqual([]);
      await page.click("#toggle");
      await reach(page, "done");
      await page.$$eval("details", (all) => all.forEach((d) => (d.open = true)));
      expect(await violations(page)).toEqual([]);
    });
  });

  test("names, roles and texts are there for those who do not see the pictures", async () => {
    await onPage(browser, site(), async (page) => {
      await reach(page, "ready");
      await page.getByRole("button", { name: "Start" }).click();
      await reach(page, "done");
      await page.getByLabel("Progress of the training").waitFor();
      expect(await page.getByLabel("Backend").count()).toBe(1);
      expect(await page.$eval("#loss-chart", (c) => c.ariaLabel)).toMatch(
        /^Loss: from \d\.\d\d at step 1 to \d\.\d\d at step 40\.$/,
      );
      expect(await page.$eval("#accuracy-chart", (c) => c.ariaLabel)).toMatch(
        /^Accuracy on test images: from \d+\.\d.% at step 0 to \d+\.\d.% at step 40\.$/,
      );
      expect(await page.getByRole("img", { name: /^Filter [1-6]: weights from -\d/ }).count()).toBe(6);
      expect(await page.getByRole("img", { name: "Image: Ankle boot" }).count()).toBe(1);
      expect(await page.getByRole("status").count()).toBe(1);
      expect(await page.getByRole("button", { name: "Finished" }).getAttribute("aria-disabled")).toBe("true");
    });
  });

  test("a screen of 320 pixels needs no scrolling sideways", async () => {
    await onPage(browser, "about:blank", async (page) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await page.goto(site());
      await reach(page, "ready");
      await page.$$eval("details", (all) => all.forEach((d) => (d.open = true)));
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    });
  });

  test("who wants less motion gets none", async () => {
    await onPage(browser, "about:blank", async (page) => {
      await page.emulateMedia({ reducedMotion: "reduce" });
      await page.goto(site());
      await reach(page, "ready");
      expect(await page.$eval("#toggle", (b) => getComputedStyle(b).transitionDuration)).toBe("0s");
      await page.click("#toggle");
      await reach(page, "done");
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    });
  });
});
