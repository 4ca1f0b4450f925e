import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decision, DecisionSchema, type Verdict } from '../../../../src/domain/decision/decision.ts';
import { isHumanSet } from '../../../../src/domain/playbook/owner.ts';
import { fieldOf, partsOf, type Target } from '../../../../src/domain/playbook/target.ts';
import { allowedValues } from '../../../../src/triage/classify.ts';
import { judge } from '../../../../src/triage/judge.ts';
import { consult } from '../../../../src/triage/ladder/consult.ts';
import { route } from '../../../../src/triage/route.ts';
import { plan } from '../../../../src/write-back/plan.ts';
import { BOT, decisionWith } from '../../../support/fixtures.ts';
import { rosterWith, routingPorts } from '../../../support/routing.ts';
import { type Desk, desks } from './hostile/desks.ts';
import { hostilePorts, type Intent, intents } from './hostile/model.ts';
import { TEAMS } from './hostile/words.ts';

/** What is decided with a model that is out for this, or without any. */
async function decided({ playbook, issue, evidence, proposals }: Desk, intent: Intent | null): Promise<Decision> {
  const draft = { issue, evidence, proposals };
  const alone = { proposals, asked: null };
  const consulted = intent === null ? alone : await consult(draft, playbook, hostilePorts(intent));
  const judged = judge(consulted.proposals, issue, playbook);
  // Who is away sends tickets on, which must not lead where no model may.
  const ports = routingPorts({ roster: () => rosterWith({ [`${TEAMS[0]}-member`]: 'absent' }) });
  const { routing, verdicts } = await route({ issue, evidence, decided: judged, key: null }, playbook, ports);
  const all = Object.fromEntries([...judged, ...verdicts]);
  return decisionWith({ verdicts: all, routing, evidence: [...evidence], asked: consulted.asked });
}

type Check = (desk: Desk, decision: Decision, without: Decision) => void;

/** Runs a check on many desks with many answers, each beside the same desk without a model. */
function always(check: Check, numRuns = 150): Promise<void> {
  const property = fc.asyncProperty(desks, intents, async (desk, intent) =>
    check(desk, await decided(desk, intent), await decided(desk, null)),
  );
  return fc.assert(property, { numRuns });
}

const decidedValue = (verdict: Verdict | undefined) => (verdict?.kind === 'value' ? verdict.value : null);

/** Said once more in the test's own words: the values that no model may bring about, nor take away. */
function barredFor({ name, kind, classes }: Target, { issue, playbook }: Desk): ReadonlySet<string> {
  const { targets, taxonomies, teams } = playbook;
  const teamClasses = targets.find((target) => target.name === teams.route?.team)?.classes ?? {};
  const guarded = Object.entries(teams.teams).filter(
    ([team, { restricted }]) => restricted || teamClasses[team]?.protect || teamClasses[team]?.exclude,
  );
  const listed = issue.editable.get('priority')?.allowed ?? Object.keys(taxonomies.get('priority')?.values ?? {});
  return new Set([
    ...Object.keys(classes).filter((value) => classes[value]?.protect),
    ...(kind === 'priority' ? [listed[0] ?? 'Highest'] : []),
    ...(name === teams.route?.by ? guarded.flatMap(([, { takes }]) => takes) : []),
    ...(name === teams.route?.team ? guarded.map(([team]) => team) : []),
  ]);
}

describe('a model that answers anything', () => {
  test('has its say in many of these cases, so that the rest is not true of silence', async () => {
    const ends: string[] = [];
    let changed = 0;
    await always((_desk, { verdicts }, without) => {
      ends.push(...Object.values(verdicts).map(({ rung, kind }) => `${rung} ${kind}`));
      const values = Object.entries(verdicts).map(([name, verdict]) => [name, decidedValue(verdict)] as const);
      if (values.some(([name, value]) => value !== decidedValue(without.verdicts[name]))) changed += 1;
    });
    expect(ends.filter((end) => end === 'model value').length).toBeGreaterThan(50);
    expect(changed).toBeGreaterThan(25);
  });

  test('decides nothing but allowed values that are not excluded', async () => {
    await always(({ playbook, issue, evidence, proposals }, { verdicts }) => {
      for (const target of playbook.targets.filter(({ decidedBy }) => decidedBy === 'evidence')) {
        const known = (proposals.get(target.name)?.candidates ?? []).map(({ value }) => value);
        const carried = evidence.flatMap(({ values }) => values[target.name] ?? []);
        const allowed = allowedValues(target, issue, playbook) ?? new Set([...known, ...carried]);
        for (const value of partsOf(target, decidedValue(verdicts[target.name]))) {
          expect([...allowed]).toContain(value);
          expect(target.classes[value]?.exclude ?? false).toBe(false);
        }
      }
    });
  });

  test('brings about no protected value, no highest priority and no restricted team', async () => {
    await always((desk, { verdicts, routing }, without) => {
      for (const target of desk.playbook.targets) {
        const verdict = verdicts[target.name];
        const barred = barredFor(target, desk);
        if (!partsOf(target, decidedValue(verdict)).some((value) => barred.has(value))) continue;
        expect(verdict?.rung).not.toBe('model');
        expect(decidedValue(verdict)).toBe(decidedValue(without.verdicts[target.name]));
      }
      const { teams } = desk.playbook.teams;
      if (routing.team !== null && teams[routing.team]?.restricted) expect(routing).toEqual(without.routing);
    }, 500);
  });

  test('takes away no protected value that stands without it', async () => {
    await always((desk, { verdicts }, without) => {
      for (const target of desk.playbook.targets) {
        const before = decidedValue(without.verdicts[target.name]);
        const barred = barredFor(target, desk);
        // Sent on because people are away: then nobody decided that it is for them.
        if (target.name === 'team' && without.routing.escalatedFrom !== null) continue;
        if (partsOf(target, before).some((value) => barred.has(value)))
          expect(decidedValue(verdicts[target.name])).toBe(before);
      }
    }, 500);
  });

  test('silences nothing that is sure enough without it', async () => {
    await always((_desk, { verdicts }, without) => {
      const silenced = Object.entries(without.verdicts).filter(
        ([name, { kind }]) => kind === 'value' && verdicts[name]?.kind !== 'value',
      );
      expect(silenced.filter(([, { rung }]) => rung !== 'routing')).toEqual([]);
    });
  });

  test('assigns nobody: people come from the chosen team, or from past tickets', async () => {
    await always(({ playbook }, { verdicts, routing }, without) => {
      const verdict = verdicts['assignee'];
      const members = playbook.teams.teams[routing.team ?? '']?.members ?? [];
      expect(verdict?.rung).not.toBe('model');
      if (verdict?.rung !== 'routing') expect(verdict).toEqual(without.verdicts['assignee']);
      else if (verdict.kind === 'value') expect(members.map(({ accountId }) => accountId)).toContain(verdict.value);
    });
  });

  test('leaves alone what people set', async () => {
    await always(({ playbook, issue }, decision) => {
      const { changes, suggestions } = plan(decision, issue, { playbook, ourAccountId: BOT });
      for (const target of playbook.targets.filter((one) => isHumanSet(one, issue))) {
        const verdict = decision.verdicts[target.name];
        if (target.decidedBy === 'evidence' && verdict) expect(verdict).toMatchObject({ reason: 'human-set' });
        expect([changes[target.name], suggestions[target.name]]).toEqual([undefined, undefined]);
      }
    });
  });

  test('writes to no field but those of declared targets, and to labels of their families alone', async () => {
    await always(({ playbook, issue }, decision) => {
      const [names, fields] = [playbook.targets.map(({ name }) => name), playbook.targets.map(fieldOf)];
      const { edit, changes, suggestions } = plan(decision, issue, { playbook, ourAccountId: BOT });
      const decidedNames = [decision.verdicts, changes, suggestions].flatMap((record) => Object.keys(record));
      expect(decidedNames.filter((name) => !names.includes(name))).toEqual([]);
      const touched = [edit.fields, edit.update].flatMap((record) => Object.keys(record));
      expect(touched.filter((field) => !fields.includes(field))).toEqual([]);
      const labels = (edit.update['labels'] ?? []).flatMap((operation) => Object.values(operation));
      expect(labels.filter((label) => !String(label).startsWith('cat-'))).toEqual([]);
    });
  });

  test('leaves a decision that can be kept, reasons in plain words, and citations of what was shown', async () => {
    await always(({ evidence }, decision) => {
      expect(DecisionSchema.safeParse(decision).success).toBe(true);
      for (const verdict of Object.values(decision.verdicts)) {
        const best = verdict.kind === 'value' ? verdict : verdict.best;
        expect(best === null || (best.confidence >= 0 && best.confidence <= 1)).toBe(true);
      }
      const { rationale: reasons = '', cited = [] } = decision.asked ?? {};
      expect(reasons.length).toBeLessThanOrEqual(300);
      expect(reasons).not.toMatch(/[<>[\]{}|@#*_~`^\\/=&$!\p{Cc}\p{Cf}\p{Cs}]|www\.|:\/\/|[\p{L}\p{N}][.。]\p{L}/iu);
      expect(cited.filter((key) => !evidence.some((shown) => shown.key === key))).toEqual([]);
    });
  });
});
