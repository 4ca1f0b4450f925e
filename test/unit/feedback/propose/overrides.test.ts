import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../../src/domain/decision/outcome.ts';
import { sift } from '../../../../src/feedback/propose/overrides.ts';
import { correctionWith } from '../../../support/corrections.ts';
import { ALL_TARGETS, type PlaybookDraft, playbookWith } from '../../../support/fixtures.ts';

type Made = ReturnType<typeof correctionWith>;

function sifted(made: readonly Made[], draft: PlaybookDraft = {}, more: readonly Outcome[] = []) {
  const tickets = new Map(made.map(({ ticket }) => [ticket.id, ticket]));
  const { overrides, leftOut } = sift([...made.map(({ outcome }) => outcome), ...more], {
    playbook: playbookWith(draft),
    tickets,
  });
  return {
    overrides: overrides.map(({ ticket, ours, theirs, by }) => ({ key: ticket.key, ours, theirs, by })),
    leftOut: Object.fromEntries(leftOut),
  };
}

describe('which corrections are learnt from', () => {
  test('one on a finished ticket, with the value it ended with, whoever set it in between', () => {
    const made = correctionWith({ summary: 'Dock', by: 'ann', outcome: { to: 'software' } });
    expect(sifted([made])).toEqual({
      overrides: [{ key: made.ticket.key, ours: 'network', theirs: 'hardware', by: 'ann' }],
      leftOut: {},
    });
  });

  test('each issue once, as it was judged last', () => {
    const made = correctionWith({ summary: 'Dock', ours: 'network' });
    const earlier = { ...made.outcome, decisionId: 'other', value: 'email', judgedAt: '2026-04-01T00:00:00.000Z' };
    expect(sifted([made], {}, [earlier]).overrides).toMatchObject([{ ours: 'network' }]);
  });

  test('none that was cleared, given back, or is ours again', () => {
    const cleared = correctionWith({ summary: 'a', ticket: { values: {} } });
    const back = correctionWith({ summary: 'b', ticket: { values: { category: { value: 'network', by: 'human' } } } });
    const ours = correctionWith({ summary: 'c', ticket: { values: { category: { value: 'erp', by: 'machine' } } } });
    expect(sifted([cleared, back, ours])).toEqual({ overrides: [], leftOut: { cleared: 3 } });
  });

  test('none whose words must stay where they are', () => {
    const levelled = correctionWith({ summary: 'a', ticket: { securityLevel: 'HR only' } });
    const project = correctionWith({ summary: 'b', ticket: { project: 'HR' } });
    const moved = correctionWith({ summary: 'c', outcome: { project: 'HR' } });
    const draft = { projects: ['IT', 'HR'], restrictedProjects: ['HR'] };
    expect(sifted([levelled, project, moved], draft)).toEqual({ overrides: [], leftOut: { restricted: 3 } });
  });

  test('none of people, teams, targets that are gone, and names every object has', () => {
    const targets = ['assignee', 'team', 'gone', '__proto__', 'constructor'];
    const made = targets.map((target) => correctionWith({ summary: target, outcome: { target } }));
    const draft = { targets: { ...ALL_TARGETS, assignee: { kind: 'assignee', mode: 'auto' } } } as const;
    expect(sifted(made, draft)).toEqual({ overrides: [], leftOut: { elsewhere: 5 } });
  });

  test('none on a ticket that memory does not hold', () => {
    expect(sifted([], {}, [correctionWith({ summary: 'open' }).outcome]).leftOut).toEqual({ unfinished: 1 });
  });

  test('none that the first rule about words answers by now', () => {
    const made = correctionWith({ summary: 'Docking station dead' });
    const rule = (textMatches: string, category: string) => ({
      name: category,
      when: { textMatches },
      // biome-ignore lint/suspicious/noThenProperty: as the playbook says it
      then: { category },
    });
    expect(sifted([made], { rules: [rule('docking station', 'hardware')] }).leftOut).toEqual({ answered: 1 });
    const first = { rules: [rule('dead', 'network'), rule('docking station', 'hardware')] };
    expect(sifted([made], first).overrides).toHaveLength(1);
    const narrower = { ...rule('docking', 'hardware'), when: { textMatches: 'docking', labels: ['x'] } };
    expect(sifted([made], { rules: [narrower] }).overrides).toHaveLength(1);
  });

  test('of several labels side by side, each that was added, for those that went', () => {
    const draft = { targets: { category: { kind: 'label', prefix: 'cat-', multiple: true } } } as const;
    const swapped = correctionWith({ summary: 'a', ours: 'email vpn', theirs: 'email erp' });
    const added = correctionWith({ summary: 'b', ours: 'email', theirs: 'email erp vpn' });
    expect(sifted([swapped, added], draft).overrides).toMatchObject([
      { ours: 'vpn', theirs: 'erp' },
      { ours: '', theirs: 'erp' },
      { ours: '', theirs: 'vpn' },
    ]);
  });
});
