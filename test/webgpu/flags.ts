/** How the tests' WebGPU is started: experimental features, subgroup matrices among them, are offered to those only who ask. */
export const flags: readonly string[] = ["enable-dawn-features=allow_unsafe_apis"];
