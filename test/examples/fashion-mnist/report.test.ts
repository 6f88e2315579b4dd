import { describe, expect, it } from "vitest";
import { formatConfusion, formatMistakes, formatScores } from "../../../examples/fashion-mnist/report.js";

const classes = ["Trouser", "Bag", "Sandal"];
const matrix = [
  [18, 2, 0],
  [0, 20, 0],
  [4, 0, 6],
];

describe("report", () => {
  it("shows a confusion matrix", () => {
    expect(formatConfusion(matrix, classes)).toMatchInlineSnapshot(`
      "true \\ predicted  Trous  Bag  Sanda
      Trouser              18    2      ·
      Bag                   ·   20      ·
      Sandal                4    ·      6"
    `);
  });

  it("tells equal heads apart", () => {
    expect(
      formatConfusion(
        [
          [1, 0],
          [0, 1],
        ],
        ["Sandals", "Sandalwood"],
      ).split("\n")[0],
    ).toBe("true \\ predicted  0:San  1:San");
  });

  it("shows scores", () => {
    expect(formatScores(matrix, classes)).toMatchInlineSnapshot(`
      "class     precision  recall     F1  images
      Trouser       81.8%   90.0%  85.7%      20
      Bag           90.9%  100.0%  95.2%      20
      Sandal       100.0%   60.0%  75.0%      10
      mean          90.9%   83.3%  85.3%      50
      accuracy                     88.0%      50"
    `);
  });

  it("lists the most frequent mistakes", () => {
    expect(formatMistakes(matrix, classes)).toBe("4 × Sandal taken for Trouser\n2 × Trouser taken for Bag");
    expect(formatMistakes(matrix, classes, 1)).toBe("4 × Sandal taken for Trouser");
  });
});
