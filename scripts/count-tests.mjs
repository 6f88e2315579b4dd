/**
 * Prints `passed failed` for a vitest JSON report: `node count-tests.mjs report.json exit-status`. A file that
 * failed before its tests began, a type error and a run without a report count as one failure each.
 */
import { existsSync, readFileSync } from "node:fs";

const [file, status] = process.argv.slice(2);

const count = ({ numPassedTests, numFailedTests, testResults }) => {
  const broken = testResults.filter(
    (f) => f.status === "failed" && !f.assertionResults.some((t) => t.status === "failed"),
  );
  const failed = numFailedTests + broken.length;
  return [numPassedTests, failed === 0 && status !== "0" ? 1 : failed];
};

console.log((existsSync(file) ? count(JSON.parse(readFileSync(file, "utf8"))) : [0, 1]).join(" "));
