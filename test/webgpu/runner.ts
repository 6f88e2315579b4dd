/** Runs the tests of every backend on one that has no float64: a test that needs it is skipped, with that as its reason. */
import { type RunnerTestCase, TestRunner } from "vitest";

const refusal = "expected float32, integers and bools, got float64";

const asksForFloat64 = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  return error.message.includes(refusal) || asksForFloat64(error.cause);
};

export default class extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    try {
      await TestRunner.getTestFn(test)();
    } catch (error) {
      if (asksForFloat64(error)) test.context.skip("it needs float64, which WGSL does not have");
      throw error;
    }
  }
}
