import { z } from 'zod';

/** Happens to the connection or to the whole answer. */
const WIRE = ['reset', 'hang', 'drip', 'cut-body', 'not-json', 'bad-gateway'] as const;
/** Answers that are errors. */
const ERRORS = ['unauthorized', 'no-model', 'too-long', 'prompt-filtered', 'no-quota', 'overloaded'] as const;
/** Happens to a completion alone. */
const CHAT = [
  'cut-json',
  'refuse',
  'outside-enum',
  'extra-field',
  'no-choices',
  'content-filter',
  'empty',
  'only-thought',
] as const;
/** Happens to embeddings alone. */
const EMBEDDINGS = ['short', 'shuffled', 'wrong-dimension'] as const;

const Named = z.enum([...WIRE, ...ERRORS, ...CHAT, ...EMBEDDINGS]);

/** An error by its status; 429 says how long to wait only if it is given. */
const ByStatus = z.strictObject({
  status: z.int(),
  retryAfterSeconds: z.number().optional(),
  retryAfterMs: z.number().optional(),
  message: z.string().optional(),
});
/** The true answer, so much later. */
const Slow = z.strictObject({ slowMs: z.number() });

const Plain = z.union([Named, ByStatus, Slow]);
const Endpoint = z.enum(['chat', 'embeddings']);
/** A trouble that waits for a request to one endpoint. */
const Aimed = z.strictObject({ on: Endpoint, trouble: Plain });

export const TroubleSchema = z.union([Plain, Aimed]);
export type PlainTrouble = z.output<typeof Plain>;
export type Trouble = z.output<typeof TroubleSchema>;
export type EndpointName = z.output<typeof Endpoint>;

/** Which requests a lasting trouble meets: this share of them, the same ones for the same seed. */
export const ShareSchema = z.strictObject({ share: z.number().min(0).max(1).default(1), seed: z.int().default(1) });
export type Share = z.input<typeof ShareSchema>;

/** What goes wrong with which request: what was queued first, then what lasts. */
export interface Troubles {
  queue(next: readonly Trouble[]): void;
  last(trouble: Trouble | null, share?: Share): void;
  draw(endpoint: EndpointName): PlainTrouble | undefined;
}

export function openTroubles(): Troubles {
  const queued: Trouble[] = [];
  let lasting: { readonly trouble: Trouble; readonly share: number; readonly roll: () => number } | null = null;
  return {
    queue: (next) => void queued.push(...next),
    last: (trouble, draft = {}) => {
      const { share, seed } = ShareSchema.parse(draft);
      lasting = trouble === null ? null : { trouble, share, roll: generator(seed) };
    },
    draw: (endpoint) => {
      const index = queued.findIndex((trouble) => concerns(trouble, endpoint));
      const [next] = index < 0 ? [] : queued.splice(index, 1);
      if (next !== undefined) return plainOf(next);
      if (!lasting || !concerns(lasting.trouble, endpoint) || lasting.roll() >= lasting.share) return undefined;
      return plainOf(lasting.trouble);
    },
  };
}

function plainOf(trouble: Trouble): PlainTrouble {
  return typeof trouble === 'object' && 'on' in trouble ? trouble.trouble : trouble;
}

const ofChat = new Set<unknown>(CHAT);
const ofEmbeddings = new Set<unknown>(EMBEDDINGS);

function concerns(trouble: Trouble, endpoint: EndpointName): boolean {
  if (typeof trouble === 'object' && 'on' in trouble) return trouble.on === endpoint;
  return !(endpoint === 'chat' ? ofEmbeddings : ofChat).has(trouble);
}

/** A small seeded generator (mulberry32), so that a failing run can be had again. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
