/** Tasks from the tests' side. */
import type { Page } from "playwright-core";
import type { Input, Output, TaskName } from "./tasks/index.js";

/** The backends that Fluxion has in Chromium. */
export const backends = ["wasm", "js", "webgpu"] as const;

export const runTask = <K extends TaskName>(
  page: Page,
  where: "page" | "worker",
  name: K,
  input: Input<K>,
): Promise<Output<K>> =>
  page.evaluate(
    async ([where, name, input]) =>
      globalThis.run(where, name as "train", input as Input<"train">) as unknown,
    [where, name, input] as const,
  ) as Promise<Output<K>>;
