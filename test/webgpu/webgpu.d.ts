/** The part of the package that is used; `npm ci` here installs it. */
declare module "webgpu" {
  export const create: (flags: readonly string[]) => object;
  export const globals: object;
}
