/** Where kernels hold float16: in float32, rounded. Only what is stored on a device has 16 bits. */
import type { DType } from "../ir/dtype.js";
import type { BufferUse, Kernel } from "./kernel.js";

/** What holds a dtype between loads and stores. */
export const held = (dtype: DType): DType => (dtype === "float16" ? "float32" : dtype);

/** A kernel for memory that has no float16: its buffers, or those of the places given, are float32. */
export const inFloat32 = (kernel: Kernel, these: (buffer: number) => boolean = () => true): Kernel =>
  kernel.buffers.some((b) => b.dtype === "float16")
    ? {
        ...kernel,
        buffers: kernel.buffers.map((b, i): BufferUse =>
          these(i) && b.dtype === "float16" ? { ...b, dtype: "float32", halves: true } : b,
        ),
      }
    : kernel;
