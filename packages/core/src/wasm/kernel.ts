import type { ModuleWriter } from './module.js';

/** What of the platform's WebAssembly is used here; Node's own types leave it out. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (limits: { initial: number }) => WasmMemory;
  readonly Instance: new (module: object, imports: { kernel: { memory: WasmMemory } }) => { readonly exports: unknown };
};

const PAGE = 65536;
/** Memory that an idle kernel may keep for its next call. */
const KEEP = 1 << 26;

/** Functions over a memory of their own. Calls never overlap: each one runs to its end. */
export class Kernel<Functions> {
  private readonly compiled: object;
  private open: { memory: WasmMemory; functions: Functions } | undefined;

  constructor(writer: ModuleWriter) {
    this.compiled = new WebAssembly.Module(writer.encode());
  }

  /** The functions, and a memory of at least so many bytes; what it holds is left over from the last call, or 0. */
  reserve(bytes: number): { functions: Functions; buffer: ArrayBuffer } {
    if (this.open && this.open.memory.buffer.byteLength > Math.max(bytes, KEEP)) this.open = undefined;
    if (!this.open) {
      const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });
      this.open = {
        memory,
        functions: new WebAssembly.Instance(this.compiled, { kernel: { memory } }).exports as Functions,
      };
    }
    const missing = bytes - this.open.memory.buffer.byteLength;
    if (missing > 0) this.open.memory.grow(Math.ceil(missing / PAGE));
    return { functions: this.open.functions, buffer: this.open.memory.buffer };
  }
}
