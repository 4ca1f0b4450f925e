import type { Logger } from './log.ts';
import { NO_TRACING, type Tracing } from './tracing/steps.ts';

/**
 * Traces go to the collector in the settings, in the background: when it is away or slow they are dropped and nothing
 * waits for it, except at the end for at most three seconds. The SDK is loaded only when it is used.
 */
export async function openTracing(
  settings: { readonly url: string; readonly share: number } | null,
  about: { readonly log: Logger; readonly version: string },
): Promise<Tracing> {
  if (settings === null) return NO_TRACING;
  const { openProvider } = await import('./tracing/provider.ts');
  return openProvider(settings, about);
}
