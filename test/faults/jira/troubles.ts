import type { FaultDraft } from '../../fakes/jira/gate/faults.ts';
import { rateLimited } from '../../fakes/jira/gate/limits.ts';
import type { Dice } from '../seed.ts';

type Draw = (dice: Dice) => FaultDraft;

const limited =
  (reason: string): Draw =>
  () =>
    rateLimited(reason, 1, Date.now());
const page = (title: string) => `<!DOCTYPE html><html><body><h1>${title}</h1></body></html>`;
const broken = (status: number): Draw => {
  return ({ roll }) => ({ status, html: page(`Error ${status}`), applied: roll() < 0.5 });
};

/** Every way in which a request to Jira is known to go wrong and pass again. */
const TROUBLES: Readonly<Record<string, Draw>> = {
  burst: limited('jira-burst-based'),
  perIssue: limited('jira-per-issue-on-write'),
  quota: limited('jira-quota-tenant-based'),
  unheardOf: limited('jira-something-new-based'),
  gateway: () => ({ status: 429, html: page('Too many requests'), headers: { 'X-RateLimit-Reset': soon() } }),
  500: broken(500),
  502: broken(502),
  504: broken(504),
  conflict: () => ({ status: 409, body: { errorMessages: ['Issue was changed by another update.'], errors: {} } }),
  maintenance: () => ({ status: 503, html: page('Maintenance'), headers: { 'Retry-After': '1' } }),
  loginPage: ({ roll }) => ({ status: 200, html: page('Log in with Atlassian account'), applied: roll() < 0.5 }),
  reset: ({ roll }) => ({ cut: 'reset', applied: roll() < 0.5 }),
  truncated: () => ({ cut: 'truncate', applied: true }),
  late: ({ roll }) => ({ hangMs: 500 + 1_500 * roll(), applied: roll() < 0.5 }),
};
const NAMES = Object.keys(TROUBLES);

/** Longer than we wait for an answer. */
const SILENCE_MS = 20_000;

export interface TroubleDraft {
  /** Of requests, 0 to 1. */
  readonly share: number;
  /** Afterwards all is well. */
  readonly requests: number;
}

/** Troubles of every kind by turns at random requests, a few that are never answered, and two spells of 401 and 403. */
export function openTroubles(dice: Dice, { share, requests }: TroubleDraft) {
  const met: Record<string, number> = {};
  const silent = new Set(dice.points(3, { from: 1, to: requests }));
  const spells = [401, 403].map((status) => ({ status, from: dice.between(1, requests - 20) }));
  let nth = 0;
  const meet = (name: string, fault: FaultDraft): FaultDraft => {
    met[name] = (met[name] ?? 0) + 1;
    return fault;
  };
  return {
    met,
    next: (): FaultDraft | undefined => {
      nth += 1;
      if (nth > requests) return undefined;
      if (silent.has(nth)) return meet('silence', { hangMs: SILENCE_MS, applied: dice.roll() < 0.5 });
      const spell = spells.find(({ from }) => nth >= from && nth < from + 10);
      if (spell) return meet(String(spell.status), { status: spell.status, body: { message: 'no' } });
      if (dice.roll() >= share) return undefined;
      const name = dice.pick(NAMES);
      return meet(name, TROUBLES[name]?.(dice) ?? {});
    },
  };
}

function soon(): string {
  return new Date(Date.now() + 1_000).toISOString();
}
