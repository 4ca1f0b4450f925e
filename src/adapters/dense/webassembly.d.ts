/** The part of WebAssembly that we use; TypeScript declares it for browsers only. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WebAssemblyModule;
  readonly Instance: new (
    module: WebAssemblyModule,
    imports: Readonly<Record<string, Readonly<Record<string, WebAssemblyMemory>>>>,
  ) => { readonly exports: Readonly<Record<string, (...numbers: number[]) => void>> };
};

interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  /** By so many pages of 64 KiB; the former buffer is empty afterwards. */
  grow(pages: number): number;
}

/** What `Instance` takes, and nothing to look into. */
interface WebAssemblyModule {
  readonly [Symbol.toStringTag]: string;
}
