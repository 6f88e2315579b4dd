/** Numbers and names as text. */
import type { BackendName } from "fluxion";

export const percent = (x: number): string => `${(100 * x).toFixed(1)}\u00a0%`;

export const count = (n: number): string => Math.round(n).toLocaleString("en");

/** Seconds as 8 s, 1 min 8 s or 2 h 3 min. */
export const duration = (seconds: number): string => {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  return s < 3600
    ? `${Math.floor(s / 60)} min ${s % 60} s`
    : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
};

const names: Readonly<Record<BackendName, string>> = {
  webgpu: "WebGPU",
  "wasm-worker": "WebAssembly in a worker of its own",
  wasm: "WebAssembly",
  js: "JavaScript",
};

export const backendName = (backend: BackendName): string => names[backend];
