import { z } from 'zod';
import type { EndpointName } from '../../domain/decision/question.ts';
import { PROFILES, type Profile } from '../../domain/playbook/model.ts';

/** An address of HTTP. */
export const OptionalUrl = z.url({ protocol: /^https?$/ }).optional();

/** Where language models are asked; all of it may be missing. */
export const EndpointsSchema = z.object({
  OPENAI_BASE_URL: OptionalUrl,
  OPENAI_API_KEY: z.string().optional(),
  /** Instead of what the playbook and the prompt say. */
  OPENAI_MODEL: z.string().optional(),
  OPENAI_PROFILE: z.enum(PROFILES).optional(),
  FALLBACK_BASE_URL: OptionalUrl,
  FALLBACK_API_KEY: z.string().optional(),
  FALLBACK_MODEL: z.string().optional(),
  FALLBACK_PROFILE: z.enum(PROFILES).optional(),
});

/** What the environment says of an endpoint; null: as the playbook says. */
export interface EndpointAccess {
  /** Undefined means api.openai.com. */
  readonly baseUrl: string | undefined;
  readonly model: string | null;
  readonly profile: Profile | null;
}

type EndpointsEnv = z.infer<typeof EndpointsSchema>;

/** Where language models are asked; null: nowhere. */
export function endpointsOf(it: EndpointsEnv): Readonly<Record<EndpointName, EndpointAccess | null>> {
  const fallback = { model: it.FALLBACK_MODEL, profile: it.FALLBACK_PROFILE };
  return {
    main: accessOf(it.OPENAI_BASE_URL, it.OPENAI_API_KEY, { model: it.OPENAI_MODEL, profile: it.OPENAI_PROFILE }),
    fallback: accessOf(it.FALLBACK_BASE_URL, it.FALLBACK_API_KEY, fallback),
  };
}

/** Servers of one's own want no key; the client wants one. */
export function keysOf({ OPENAI_API_KEY: openai = 'none', FALLBACK_API_KEY: fallback = 'none' }: EndpointsEnv) {
  return { openai, fallback };
}

/** An endpoint is used when its address or its key is set. */
function accessOf(
  baseUrl: string | undefined,
  key: string | undefined,
  { model, profile }: { readonly model: string | undefined; readonly profile: Profile | undefined },
): EndpointAccess | null {
  if (baseUrl === undefined && key === undefined) return null;
  return { baseUrl, model: model ?? null, profile: profile ?? null };
}
