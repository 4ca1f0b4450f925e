import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readValue } from '../../../../src/domain/playbook/target.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { findUndos } from '../../../../src/write-back/undo/find.ts';
import { type ALL_TARGETS, issueWith, TEAM_FIELD } from '../../../support/fixtures.ts';
import { faceOf, playbook, undoDesk } from './support.ts';

const NAMES = ['category', 'priority', 'component', 'team', 'assignee'] as const satisfies (keyof typeof ALL_TARGETS)[];
const word = fc.constantFrom('access', 'email', 'High', 'Low', '__proto__', '网络组', 'Zugänge');
const values = fc.dictionary(fc.constantFrom(...NAMES), word, { minKeys: 1 });

/** What a person sets a target to. */
function personal(name: (typeof NAMES)[number], value: string | null, { labels, custom }: Issue): Partial<Issue> {
  switch (name) {
    case 'category':
      return { labels: [...labels.filter((label) => !label.startsWith('cat-')), ...(value ? [`cat-${value}`] : [])] };
    case 'component':
      return { components: value ? [value] : [] };
    case 'team':
      return { custom: { ...custom, [TEAM_FIELD]: value ? { value } : null } };
    default:
      return { [name]: value };
  }
}

const personStep = fc.record({ name: fc.constantFrom(...NAMES), to: fc.option(word) });
const step = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), values }),
  fc.record({ kind: fc.constant('undo' as const), of: fc.nat(5), meanwhile: fc.option(personStep) }),
  fc.record({ kind: fc.constant('person' as const), edit: personStep }),
);

test('an undo restores what was there, and its undo restores what we had written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(word), values, values, async (label, before, written) => {
      const { write, takeBack, now } = undoDesk(issueWith({ labels: label === null ? [] : [label] }));
      await write(before);
      const [atFirst, first] = [faceOf(now()), await write(written)];
      const then = faceOf(now());
      if (Object.keys(first.changes).length === 0) return;
      let last = first.decisionId;
      for (const face of [atFirst, then, atFirst, then]) {
        last = (await takeBack(last)).decisionId;
        expect(faceOf(now())).toEqual(face);
      }
    }),
  );
});

test('whatever is written and taken back in whatever order, a person’s value stays, also one set in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
      const { desk, ledger, write, takeBack, now, issue } = undoDesk();
      const theirs = new Map<string, string | null>();
      const ids: string[] = [];
      const act = ({ name, to }: { name: (typeof NAMES)[number]; to: string | null }) => {
        const target = playbook.targets.find((one) => one.name === name);
        if (!target || readValue(target, now()) === to) return;
        desk.editAs('agent-bo', issue.id, personal(name, to, now()));
        theirs.set(name, to);
      };
      for (const one of steps) {
        if (one.kind === 'person') act(one.edit);
        else if (one.kind === 'write') ids.push((await write(one.values)).decisionId);
        else {
          const { of, meanwhile } = one;
          if (meanwhile) desk.beforeNextEdit(() => act(meanwhile));
          const id = ids[of % Math.max(ids.length, 1)];
          const [found] = id === undefined ? [] : (await findUndos({ decisionId: id }, { ledger })).undos;
          if (found) ids.push((await takeBack(found.write.decisionId)).decisionId);
        }
        for (const target of playbook.targets) {
          if (theirs.has(target.name)) expect(readValue(target, now())).toBe(theirs.get(target.name));
        }
      }
    }),
    { numRuns: 400 },
  );
});
