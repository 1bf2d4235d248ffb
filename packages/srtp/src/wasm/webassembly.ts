/** The little of WebAssembly that is used here; the types that come with Node.js leave it out. */
interface WebAssemblyApi {
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (compiled: object, imports: object) => { readonly exports: unknown };
  validate(octets: Uint8Array): boolean;
  /** Compiles and instantiates without blocking, whatever the size: what a page's main thread may do. */
  instantiate(octets: Uint8Array, imports: object): Promise<{ readonly instance: { readonly exports: unknown } }>;
}

declare const WebAssembly: WebAssemblyApi | undefined;

export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB; the buffer is another one then. */
  grow(pages: number): number;
}

export function webAssembly(): WebAssemblyApi {
  if (typeof WebAssembly === 'undefined') {
    throw new TypeError('this platform has no WebAssembly: use another crypto provider');
  }
  return WebAssembly;
}
