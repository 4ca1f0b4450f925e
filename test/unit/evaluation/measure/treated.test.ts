import { describe, expect, test } from 'vitest';
import { processMemory } from '../../../../src/adapters/sparse/memory.ts';
import { remarks } from '../../../../src/cli/calibrate/report.ts';
import type { PastTicket } from '../../../../src/domain/ticket/issue.ts';
import { isUntreated, withTreated } from '../../../../src/evaluation/measure/treated.ts';
import { rehearse } from '../../../../src/evaluation/rehearse.ts';
import { pastTicketWith, playbookWith } from '../../../support/fixtures.ts';

const playbook = playbookWith({ targets: { category: { kind: 'label', prefix: 'cat-', mode: 'auto' } } });
const TOPICS = [
  ['access', 'password refused'],
  ['printing', 'printer jam'],
  ['network', 'vpn is slow'],
] as const;

/** The `index`-th ticket of a desk, one an hour. */
function ticketAt(index: number, parts: Partial<PastTicket> = {}): PastTicket {
  const [value = '', summary = ''] = TOPICS[index % TOPICS.length] ?? [];
  return pastTicketWith({
    summary,
    text: `case ${index}`,
    created: new Date(Date.UTC(2026, 0, 1, index)).toISOString(),
    values: { category: { value, by: 'human' } },
    ...parts,
  });
}

/** Before going live people did it all; since then every tenth ticket is in the control group. */
const before = Array.from({ length: 60 }, (_, index) => ticketAt(index));
const since = Array.from({ length: 100 }, (_, index) =>
  ticketAt(60 + index, index % 10 === 0 ? {} : { isTreated: true }),
);
const live = [...before, ...since];

describe('measuring on a live desk', () => {
  test('is done on what was left to people, while everything older teaches', async () => {
    const { tried, treated } = await rehearse(live, playbook, { openMemory: processMemory });
    expect(tried.map(({ ticket }) => ticket)).toEqual(live.filter(isUntreated).slice(35));
    expect(treated).toBe(90);
    const last = tried.at(-1);
    expect(last?.from.model.summary.tickets).toBe(live.indexOf(last?.ticket ?? ticketAt(0)) - 60);
    expect(await last?.from.memory.size()).toBe(last?.from.model.summary.tickets);
  });

  test('gives nothing where every ticket was treated, and does not fail', async () => {
    const { tried, calibrations } = await rehearse(
      since.filter((ticket) => !isUntreated(ticket)),
      playbook,
      {
        openMemory: processMemory,
      },
    );
    expect(tried).toEqual([]);
    expect(calibrations.get('category')).toBeNull();
  });

  test('of a desk that is not live yet is done on all its tickets', async () => {
    const { tried, treated } = await rehearse(before, playbook, { openMemory: processMemory });
    expect([tried.length, treated]).toEqual([30, 0]);
  });
});

describe('a split of what was left to people', () => {
  const untreated = live.filter(isUntreated);
  const parts = {
    order: 'created',
    history: untreated.slice(0, 50),
    calibration: untreated.slice(50, 65),
    test: untreated.slice(65),
  };
  const treated = live.filter((ticket) => !isUntreated(ticket));

  test('takes in what we treated only to learn from, and only what is older than all that is measured', () => {
    const first = parts.calibration[0]?.created ?? '';
    const { history, calibration, test: tested } = withTreated(parts, treated);
    expect([calibration, tested]).toEqual([parts.calibration, parts.test]);
    expect(history.every(({ created }) => created < first)).toBe(true);
    expect(history).toEqual(live.filter(({ created }) => created < first));
  });

  test('with nothing to measure on takes nothing in', () => {
    const nothing = { ...parts, calibration: [], test: [] };
    expect(withTreated(nothing, treated)).toEqual(nothing);
  });
});

describe('the remarks on a calibration', () => {
  const said = (of: number, treated: number, machine = 0) =>
    remarks({
      outlooks: new Map([['category', { of, written: 0, right: 0, machine }]]),
      measured: of,
      treated,
    }).join('\n');

  test('say how many tickets were left out, why, and what to do where few remain', () => {
    expect(said(400, 0)).not.toMatch(/treated/);
    expect(said(400, 90)).toMatch(/90 past tickets that we treated taught, .*; measured on the 400 newest others/);
    expect(said(40, 90)).toMatch(/^! 90 .* the 40 newest others are few: raise controlGroup\.share/m);
  });

  test('warn where values of ours that nobody touched are among what is measured', () => {
    expect(said(95, 0, 4)).not.toMatch(/^!/m);
    expect(said(90, 0, 10)).toMatch(/^! category: 10 of 100 tickets hold a value that we wrote/m);
  });
});
