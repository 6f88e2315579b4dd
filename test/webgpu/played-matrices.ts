/**
 * Subgroup matrices of any shape on any device, played: each invocation of a subgroup has some elements of the sums, and
 * functions do what the instructions do. The rest of the shader is the one that a graphics card with such matrices gets.
 */
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import type { Matrices, MatrixShape } from "../../src/jit/backends/wgsl/matrix.js";

/** float16s in shared memory, two in a word; what is none becomes NaN, which no test expects. */
const halfTile = (name: string, length: number): string => `
var<workgroup> ${name}: array<atomic<u32>, ${Math.ceil(length / 2)}>;
fn put_${name}(at: i32, x: f32) {
  let bits = bitcast<u32>(x);
  var half = pack2x16float(vec2<f32>(x, 0.0f));
  if ((bits & 0x7fffffffu) == 0x7f800000u) { half = 0x7c00u | ((bits >> 16u) & 0x8000u); }
  else if (unpack2x16float(half).x != x) { half = 0x7e00u; }
  let shift = u32(at % 2) * 16u;
  atomicAnd(&${name}[at / 2], ~(0xffffu << shift));
  atomicOr(&${name}[at / 2], half << shift);
}
fn get_${name}(at: u32) -> f32 {
  let half = (atomicLoad(&${name}[at / 2u]) >> (at % 2u * 16u)) & 0xffffu;
  if ((half & 0x7fffu) == 0x7c00u) { return bitcast<f32>(0x7f800000u | ((half & 0x8000u) << 16u)); }
  return unpack2x16float(half).x;
}
`;

const floatTile = (name: string, length: number): string => `
var<workgroup> ${name}: array<f32, ${length}>;
fn put_${name}(at: i32, x: f32) { ${name}[at] = x; }
fn get_${name}(at: u32) -> f32 { return ${name}[at]; }
`;

const functions = ({ rows, columns, depth }: MatrixShape, subgroup: number): string => {
  const mine = (rows * columns) / subgroup;
  return `
var<private> me: u32;
fn play_multiply(x: vec2<u32>, y: vec2<u32>, s: array<f32, ${mine}>) -> array<f32, ${mine}> {
  var m = s;
  for (var e = 0u; e < ${mine}u; e++) {
    let q = me + e * ${subgroup}u;
    for (var k = 0u; k < ${depth}u; k++) {
      m[e] = fma(get_tile_a(x.x + k * x.y + q / ${columns}u), get_tile_b(y.x + k * y.y + q % ${columns}u), m[e]);
    }
  }
  return m;
}
fn play_store(at: u32, s: array<f32, ${mine}>, stride: u32) {
  var m = s;
  for (var e = 0u; e < ${mine}u; e++) {
    let q = me + e * ${subgroup}u;
    tile_sums[at + q / ${columns}u * stride + q % ${columns}u] = m[e];
  }
}
`;
};

export const playedShader = (shader: string, { subgroup, shapes }: Matrices): string => {
  const component = /tile_a: array<(f16|f32),/.exec(shader)?.[1];
  const shape = shapes.find((s) => s.component === component);
  if (shape === undefined || !shader.includes("subgroupMatrix")) return shader;
  const tile = component === "f16" ? halfTile : floatTile;
  const mine = (shape.rows * shape.columns) / subgroup;
  const body = shader
    .replace("enable subgroups;\n", "")
    .replace("enable chromium_experimental_subgroup_matrix;\n", "")
    .replace(/var<workgroup> (tile_[ab]): array<f\d+, (\d+)>;/g, (_, name: string, n: string) =>
      tile(name, Number(n)),
    )
    .replace(/tile_([ab])\[(.*?)\] = (?:f16\()?(value(?:\[\d\])?)\)?;/g, "put_tile_$1($2, $3);")
    .replace(/subgroup_matrix_result<f32, \d+, \d+>/g, `array<f32, ${mine}>`)
    .replace(/subgroupMatrixLoad<[^(]*\(&tile_[ab], /g, "vec2<u32>(")
    .replaceAll("subgroupMatrixMultiplyAccumulate(", "play_multiply(")
    .replace(
      /subgroupMatrixStore<row_major>\(&tile_sums, (.*?), (s\d+), (\d+u)\);/g,
      "play_store($1, $2, $3);",
    )
    .replace(/, @builtin\(subgroup_id\)[^{]*\) \{\n/, ") {\n")
    .replace(
      /\nfn main\(.*\{\n/,
      (head) => `${head}  let sid = lid / ${subgroup}u;\n  let lane = lid % ${subgroup}u;\n  me = lane;\n`,
    )
    .replace(/(?=@compute)/, functions(shape, subgroup));
  return body.includes("halves[") ? body : body.replace("enable f16;\n", "");
};

/** A device as one that has such matrices. */
export const withPlayed = (device: Driver, matrices: Matrices): Driver =>
  Object.create(device, {
    matrices: { value: matrices },
    run: {
      value: ((list) => {
        device.run(list.map((d) => ({ ...d, shader: playedShader(d.shader, matrices) })));
      }) satisfies Driver["run"],
    },
  }) as Driver;
