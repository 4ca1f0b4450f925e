import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readValue } from '../../../../src/domain/playbook/target.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { findUndos } from '../../../../src/write-back/undo/find.ts';
import { editableWith, issueWith } from '../../../support/fixtures.ts';
import { playbook, undoDesk } from './support.ts';

const word = fc.constantFrom('access', 'email', 'vpn');
const values = fc.dictionary(fc.constantFrom('category', 'priority', 'component', 'assignee'), word, { minKeys: 1 });
const ALL = { labels: 'category', priority: 'priority', components: 'component', assignee: 'assignee' } as const;
type Field = keyof typeof ALL;
const field = fc.constantFrom<Field[]>('labels', 'priority', 'components', 'assignee');

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('write' as const), values }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), of: fc.nat(5) }) },
  fc.record({ kind: fc.constant('lock' as const), field: fc.option(field) }),
  fc.record({ kind: fc.constant('person' as const), field, to: fc.option(word) }),
);

function personal(name: Field, to: string | null): Partial<Issue> {
  if (name === 'labels') return { labels: to === null ? [] : [`cat-${to}`] };
  return name === 'components' ? { components: to === null ? [] : [to] } : { [name]: to };
}

test('in the end everything of ours can be taken back, whatever was written, locked and taken back in part before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const { desk, ledger, write, takeBack, now, issue } = undoDesk(issueWith());
      const ids: string[] = [];
      const theirs = new Set<string>();
      for (const one of steps) {
        if (one.kind === 'write') ids.push((await write(one.values)).decisionId);
        else if (one.kind === 'lock')
          desk.change(issue.id, { editable: editableWith(one.field === null ? {} : { [one.field]: null }) });
        else if (one.kind === 'person') {
          desk.editAs('agent-bo', issue.id, personal(one.field, one.to));
          theirs.add(ALL[one.field]);
        } else {
          const [found] = (await findUndos({ decisionId: ids[one.of % Math.max(ids.length, 1)] ?? '' }, { ledger }))
            .undos;
          if (found) await takeBack(found.write.decisionId);
        }
      }
      desk.change(issue.id, { editable: editableWith() });
      for (let round = 0; round <= ids.length; round++) {
        for (const { write: found } of (await findUndos({ issueKey: issue.key }, { ledger })).undos)
          await takeBack(found.decisionId);
      }
      for (const target of playbook.targets.filter(({ name }) => !theirs.has(name)))
        expect([target.name, readValue(target, now())]).toEqual([target.name, null]);
    }),
    { numRuns: 400 },
  );
});
