import { describe, expect, test } from 'vitest';
import { gather, showable } from '../../../../src/triage/ladder/material.ts';
import { memoryFake } from '../../../fakes/memory.ts';
import { evidenceWith, issueWith, pastTicketWith, playbookWith } from '../../../support/fixtures.ts';
import { promptWith } from '../../../support/model.ts';

const corrected = { category: { value: 'vpn', by: 'human', insteadOf: 'erp' } } as const;
const fewShots = (sameProject: boolean) => promptWith({ few_shot: { from: 'corrections', sameProject, limit: 9 } });

function playbookTeaching(sameProject: boolean) {
  const projects = { projects: ['IT', 'OPS', 'HR'], restrictedProjects: ['HR'] };
  return playbookWith({ ...projects, prompts: { triage: fewShots(sameProject) } });
}

describe('examples in a prompt', () => {
  test.each([
    ['IT', false, ['of IT', 'of OPS']],
    ['IT', true, ['of IT']],
    ['HR', false, ['of IT', 'of OPS']],
    ['HR', true, []],
  ])(
    'for a ticket of %s (same project: %s) are %j: never of a restricted project',
    async (project, same, summaries) => {
      const memory = memoryFake();
      const projects = ['IT', 'OPS', 'HR'];
      await memory.put(projects.map((of) => pastTicketWith({ project: of, summary: `of ${of}`, values: corrected })));
      const playbook = playbookTeaching(same);
      const offers = playbook.targets.map((target) => ({ target, values: [] }));
      const { examples } = await gather({ issue: issueWith({ project }), evidence: [], offers }, playbook, { memory });
      expect(examples.map(({ summary }) => summary).toSorted()).toEqual(summaries);
    },
  );

  test('evidence that is restricted stays here unless the playbook says otherwise', () => {
    const evidence = [evidenceWith({ isRestricted: true }), evidenceWith()];
    expect(showable(evidence, playbookWith())).toEqual(evidence.slice(1));
    expect(showable(evidence, playbookWith({ privacy: { sendRestricted: true } }))).toEqual(evidence);
  });
});
