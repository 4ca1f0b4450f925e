import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from optimising PostgreSQL's WebAssembly: doing so costs 570 MB for some seconds after every start and
 * makes no statement of ours faster (measured, see ARCHITECTURE.md). Must come before the module is compiled.
 */
export function keepWebAssemblySmall(): void {
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
}
