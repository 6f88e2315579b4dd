/** Runs the tests of every backend on one that has no float64: a test that needs it is skipped, with that as its reason. */
import { getFn } from "vitest/suite";
import { VitestTestRunner } from "vitest/runners";
import type { RunnerTestCase } from "vitest";

const refusal = "expected float32, integers and bools, got float64";

const asksForFloat64 = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  return error.message.includes(refusal) || asksForFloat64(error.cause);
};

export default class extends VitestTestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    try {
      await getFn(test)();
    } catch (error) {
      if (asksForFloat64(error)) test.context.skip("it needs float64, which WGSL does not have");
      throw error;
    }
  }
}
