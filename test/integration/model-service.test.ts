import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DecisionSchema } from '../../src/domain/decision/decision.ts';
import { startModelServer } from '../fakes/model/server.ts';
import { deskTickets, newDraft } from '../support/desk.ts';
import { ADMIN_TOKEN } from '../support/env.ts';
import { testStage } from '../support/stage.ts';

const Sent = z.object({
  sent: z.object({ system: z.string(), user: z.string() }),
  answered: z.object({ model: z.string(), end: z.string() }),
});
const Status = z.object({
  models: z.array(z.object({ endpoint: z.string(), model: z.string() })),
  spentToday: z.array(z.object({ project: z.string().nullable(), tokens: z.number(), money: z.number() })),
});

describe('the service with a language model', () => {
  test('asks it, tells what was sent and what it cost, and goes on without it', async () => {
    await using model = await startModelServer();
    await using stage = await testStage({ env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'k' } });
    await using running = await stage.start();
    const { service, admin } = running;
    const asAdmin = async (path: string) => {
      const response = await fetch(`${service.opsUrl}/admin${path}`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      });
      return { status: response.status, body: await response.json() };
    };
    const triaged = async (index: number): Promise<z.infer<typeof DecisionSchema>> => {
      const ticket = deskTickets().fresh[index];
      if (!ticket) throw new Error('no ticket');
      const draft = newDraft(ticket);
      const { key } = await stage.site.createIssue({
        ...draft,
        description: `${draft.description} Call 0151 23456789.`,
      });
      await stage.site.webhooks.flush();
      await admin.idle({ timeoutMs: 30_000 });
      const [decision] = (await admin.story(key)).decisions;
      if (!decision) throw new Error(`${key} was not decided`);
      expect(stage.site.edits(key)).toHaveLength(1);
      return decision;
    };

    const well = await triaged(0);
    expect(well).toMatchObject({ degraded: false, asked: { endpoint: 'main', model: 'gpt-4.1-mini-2026-08-06' } });
    const sent = Sent.parse((await asAdmin(`/decisions/${well.id}/sent`)).body);
    expect(sent.sent.user).toContain('[PHONE_1]');
    expect(sent.sent.user).not.toContain('23456789');
    expect(sent.answered.end).toBe('whole');

    model.always({ status: 500 });
    const badly = await triaged(1);
    model.always(null);
    expect(badly).toMatchObject({
      degraded: true,
      degradedBecause: expect.stringContaining('500'),
      asked: { endpoint: null },
    });
    expect((await asAdmin(`/decisions/${badly.id}/sent`)).status).toBe(404);
    expect((await asAdmin('/decisions/nothing/sent')).status).toBe(404);

    const status = Status.parse((await asAdmin('/status')).body);
    expect(status.models).toEqual([{ endpoint: 'main', model: 'gpt-4.1-mini' }]);
    expect(status.spentToday.find(({ project }) => project === 'IT')?.tokens).toBe(
      (well.asked?.tokens.input ?? 0) + (well.asked?.tokens.output ?? 0),
    );
    const metrics = await (await fetch(`${service.opsUrl}/metrics`)).text();
    expect(metrics).toMatch(/triage_model_seconds_count\{endpoint="main",result="replied"\} 1/);
    expect(metrics).toMatch(/triage_degraded_total 1/);
  });
});
