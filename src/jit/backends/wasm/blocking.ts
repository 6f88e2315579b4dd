/** Rows and columns of a contraction's blocks: their panels stay in the second-level cache. */
export const rowBlock = 128;
export const columnBlock = 256;
