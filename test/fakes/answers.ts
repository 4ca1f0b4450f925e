import type { BookEntry, Cost } from '../../src/domain/decision/question.ts';
import type { AnswerBook, Claim } from '../../src/domain/ports/model.ts';
import { byCode } from '../../src/domain/ticket/text.ts';

/** A book of answers in maps; the sum of all projects is kept under ''. */
export function answersFake(): AnswerBook & { readonly entries: ReadonlyMap<string, BookEntry> } {
  const entries = new Map<string, BookEntry>();
  const days = new Map<string, Map<string, Cost>>();
  const add = (day: string, project: string, { tokens, money }: Cost) => {
    const spent = days.get(day) ?? new Map<string, Cost>();
    days.set(day, spent);
    for (const name of ['', project]) {
      const before = spent.get(name) ?? { tokens: 0, money: 0 };
      spent.set(name, { tokens: before.tokens + tokens, money: before.money + money });
    }
  };
  return {
    entries,
    claim: async ({ key, day: { day, project }, cost, limits }: Claim) => {
      const known = entries.get(key)?.reply;
      if (known) return known;
      const spent = days.get(day) ?? new Map<string, Cost>();
      const fits = (name: string, most: Cost) => {
        const { tokens, money } = spent.get(name) ?? { tokens: 0, money: 0 };
        return tokens + cost.tokens <= most.tokens && money + cost.money <= most.money;
      };
      if (!fits('', limits.perDay) || !fits(project, limits.perProject)) return 'spent';
      add(day, project, cost);
      return 'reserved';
    },
    settle: async ({ day, project }, difference, entry) => {
      if (days.has(day)) add(day, project, difference);
      if (entry && !entries.has(entry.key)) entries.set(entry.key, structuredClone(entry));
    },
    entry: async (key) => entries.get(key) ?? null,
    spent: async (day) =>
      [...(days.get(day) ?? [])]
        .sort(([one], [other]) => byCode(one, other))
        .map(([name, cost]) => ({ ...cost, project: name === '' ? null : name })),
  };
}
