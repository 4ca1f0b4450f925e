import { z } from 'zod';
import { DecisionSchema } from '../../src/domain/decision.ts';

const Status = z.object({
  revision: z.string(),
  deliveries: z.record(z.string(), z.number()),
  pastTickets: z.number(),
  classifier: z.looseObject({ version: z.string(), tickets: z.number() }).nullable(),
});

const Story = z.object({
  deliveries: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      reason: z.string().nullable(),
      attempt: z.number(),
      receivedAt: z.string(),
      settledAt: z.string().nullable(),
    }),
  ),
  decisions: z.array(DecisionSchema),
  writes: z.array(
    z.object({
      decisionId: z.string(),
      state: z.string(),
      reason: z.string().nullable(),
      heldBack: z.record(z.string(), z.string()),
    }),
  ),
});
export type AdminStory = z.infer<typeof Story>;

/** The admin routes of a running service. */
export interface Admin {
  status(): Promise<z.infer<typeof Status>>;
  story(key: string): Promise<AdminStory>;
  reclassify(key: string): Promise<void>;
  /** Waits until no accepted delivery is open; returns how many deliveries are in each state. */
  idle(options: { readonly timeoutMs: number }): Promise<Readonly<Record<string, number>>>;
}

export function adminOf(serviceUrl: string, token: string): Admin {
  const call = async (path: string, method = 'GET'): Promise<unknown> => {
    const response = await fetch(`${serviceUrl}/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const status = async () => Status.parse(await call('/status'));
  return {
    status,
    story: async (key) => Story.parse(await call(`/issues/${key}`)),
    reclassify: async (key) => void (await call(`/issues/${key}/reclassify`, 'POST')),
    idle: async ({ timeoutMs }) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const { deliveries } = await status();
        const open = deliveries['accepted'] ?? 0;
        if (open === 0) return deliveries;
        if (Date.now() > deadline) throw new Error(`${open} deliveries still open after ${timeoutMs} ms`);
        await new Promise((resume) => setTimeout(resume, 10));
      }
    },
  };
}
