import { z } from 'zod';
import type { Quality, UndoOrder } from '../../src/admin/steering.ts';
import { Brakes, Order, QualityAnswer, Write } from '../../src/cli/steering/remote/answers.ts';
import { DecisionSchema } from '../../src/domain/decision/decision.ts';
import type { StoredWrite } from '../../src/domain/decision/delivery.ts';

const Status = Brakes.extend({
  revision: z.string(),
  playbookTrouble: z.array(z.string()),
  deliveries: z.record(z.string(), z.number()),
  unrecorded: z.number().nullable(),
  pastTickets: z.number().nullable(),
  models: z.array(z.object({ endpoint: z.string(), model: z.string() })),
  classifier: z.looseObject({ version: z.string(), tickets: z.number() }).nullable(),
});

const Story = z.object({
  deliveries: z.array(
    z.object({
      id: z.string(),
      door: z.string(),
      event: z.string(),
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
      changes: z.record(z.string(), z.object({ after: z.string().nullable() })),
      suggestions: z.record(z.string(), z.string()),
      passedOver: z.array(z.object({ accountId: z.string(), why: z.string() })),
    }),
  ),
  outcomes: z.array(
    z.object({
      decisionId: z.string(),
      target: z.string(),
      value: z.string(),
      how: z.string(),
      result: z.string(),
      isExplicit: z.boolean(),
      to: z.string().nullable(),
      by: z.string().nullable(),
      afterMs: z.number().nullable(),
    }),
  ),
});
export type AdminStory = z.infer<typeof Story>;

/** The admin routes of a running service. */
export interface Admin {
  status(): Promise<z.infer<typeof Status>>;
  story(key: string): Promise<AdminStory>;
  /** By the body of `POST /admin/issues/KEY/reclassify`. */
  reclassify(key: string, how?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Has writes taken back, by the body of `POST /admin/undo`. */
  undo(asked: Readonly<Record<string, string>>): Promise<UndoOrder>;
  /** A write once it has ended. */
  write(id: string): Promise<StoredWrite>;
  quality(): Promise<Quality>;
  /** Waits until no accepted delivery is open; returns how many deliveries are in each state. */
  idle(options: { readonly timeoutMs: number; readonly pollMs?: number }): Promise<Readonly<Record<string, number>>>;
}

export function adminOf(opsUrl: string, token: string): Admin {
  const send = (path: string, init: RequestInit) =>
    fetch(`${opsUrl}/admin${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
  const call = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await send(path, init);
    if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const status = async () => Status.parse(await call('/status'));
  return {
    status,
    story: async (key) => Story.parse(await call(`/issues/${key}`)),
    reclassify: async (key, how = {}) =>
      void (await call(`/issues/${key}/reclassify`, { method: 'POST', body: JSON.stringify(how) })),
    undo: async (asked) => Order.parse(await call('/undo', { method: 'POST', body: JSON.stringify(asked) })),
    write: async (id) => {
      const deadline = Date.now() + 30_000;
      for (;;) {
        const response = await send(`/writes/${encodeURIComponent(id)}`, {});
        const write = response.status === 404 ? null : Write.parse(await response.json());
        if (write && write.state !== 'planned') return write;
        if (Date.now() > deadline) throw new Error(`write ${id} has not ended`);
        await new Promise((resume) => setTimeout(resume, 10));
      }
    },
    quality: async () => QualityAnswer.parse(await call('/quality')),
    idle: async ({ timeoutMs, pollMs = 10 }) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const { deliveries, unrecorded } = await status();
        const open = deliveries['accepted'] ?? 0;
        if (open === 0 && unrecorded === 0) return deliveries;
        if (Date.now() > deadline)
          throw new Error(`${open} deliveries open and ${unrecorded} groups not recorded after ${timeoutMs} ms`);
        await new Promise((resume) => setTimeout(resume, pollMs));
      }
    },
  };
}
