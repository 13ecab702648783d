/** What computes: TensorFlow's C library, or WebAssembly. */
export type BackendName = 'native' | 'wasm';

/** The backend in use and what determines its results and its speed. */
export interface BackendInfo {
  readonly name: BackendName;
  /** Version of TensorFlow.js. */
  readonly tfjs: string;
  /** Version of TensorFlow's C library; absent on WebAssembly. */
  readonly tensorflow?: string;
  /** Where the C library came from, e.g. `the Python wheel`; absent on WebAssembly. */
  readonly source?: string;
  /** Threads that training uses: on WebAssembly for large networks only. */
  readonly threads: number;
  /** Why it is not `native` though `auto` would prefer it. */
  readonly reason?: string;
}
