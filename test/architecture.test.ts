/** ARCHITECTURE.md shows what the code prints: its listings and kernels are compared with the real ones. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  dot,
  grad,
  jit,
  jvp,
  mean,
  setBackend,
  square,
  sub,
  tanh,
  type Tensor,
  trace,
  vmap,
  zeros,
} from "fluxion";
import { root } from "./doc-examples/all.js";

setBackend("js"); // whose kernels are text

const page = readFileSync(`${root}/ARCHITECTURE.md`, "utf8");

/** The fenced block whose info string ends in `name`. */
const shown = (name: string): string | undefined =>
  new RegExp(`^\`\`\`(?:text|js) ${name}\n([\\s\\S]*?)\n\`\`\`$`, "m").exec(page)?.[1];

const loss = (w: Tensor, x: Tensor, y: Tensor): Tensor => square(sub(tanh(dot(w, x)), y));
const overBatch = vmap(loss, { in: [null, 0, 0] });
const along = (w: Tensor, x: Tensor, y: Tensor, t: Tensor): Tensor =>
  jvp((p: Tensor) => loss(p, x, y), [w], [t])[1];

const one = [zeros([3]), zeros([3]), zeros([])] as const;
const many = [zeros([3]), zeros([64, 3]), zeros([64])] as const;
const lowered = jit(grad((w: Tensor, x: Tensor, y: Tensor) => mean(overBatch(w, x, y)))).lower(...many);

describe("ARCHITECTURE.md shows", () => {
  test.each([
    ["loss", () => trace(loss)(...one).toString()],
    ["batched", () => trace(overBatch)(...many).toString()],
    ["jvp", () => trace(along)(...one, zeros([3])).toString()],
    ["gradient", () => trace(grad(loss))(...one).toString()],
    ["simplified", () => lowered.program],
    ["dot_tanh_mul", () => lowered.kernels[0]!.source],
  ])("%s", (name, text) => {
    expect(shown(name)).toBe(text());
  });
});
