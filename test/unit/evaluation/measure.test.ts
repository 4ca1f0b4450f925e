import { describe, expect, test } from 'vitest';
import type { Case } from '../../../src/evaluation/measure/cases.ts';
import { classResults } from '../../../src/evaluation/measure/classes.ts';
import { accuracyOf, isRight, macroF1 } from '../../../src/evaluation/measure/metrics.ts';
import { pastTicketWith } from '../../support/fixtures.ts';

const caseWith = (parts: Partial<Case> = {}): Case => ({
  ticket: pastTicketWith(),
  truth: ['vpn'],
  values: ['vpn'],
  isForeign: false,
  isKnown: true,
  confidence: 0.9,
  isSure: true,
  written: [],
  top3: [],
  nearest: [],
  linear: [],
  linearMs: 0,
  retrieveMs: 0,
  ms: 0,
  scope: 1,
  ...parts,
});

describe('several values side by side', () => {
  test('are right when nothing of them is wrong', () => {
    const truth = ['vpn', 'wifi'];
    expect(isRight({ truth, values: ['vpn', 'wifi'] })).toBe(true);
    expect(isRight({ truth, values: ['vpn'] })).toBe(true);
    expect(isRight({ truth, values: ['vpn', 'email'] })).toBe(false);
    expect(isRight({ truth, values: [] })).toBe(false);
  });

  test('count for each of their classes', () => {
    const predictions = [
      { truth: ['vpn', 'wifi'], values: ['vpn', 'wifi'] },
      { truth: ['email'], values: ['email'] },
    ];
    expect(accuracyOf(predictions)).toBe(1);
    expect(macroF1(predictions)).toBe(1);
  });
});

describe('the classes of a report', () => {
  test('count tickets with a security level, and never quote them', () => {
    const secret = pastTicketWith({ key: 'HR-1', summary: 'Dismissal of Cy', securityLevel: 'Board' });
    const open = pastTicketWith({ key: 'IT-2', summary: 'No network' });
    const missed = [secret, open].map((ticket) => caseWith({ ticket, values: ['email'] }));
    const [vpn] = classResults(missed, new Map([['vpn', 3]]));
    expect(vpn?.worst).toEqual([{ as: 'email', n: 2, examples: [{ id: 'IT-2', title: 'No network' }] }]);
  });

  test('carry an emoji or a name that every object has', () => {
    const cases = ['__proto__', 'constructor', '🖨️'].map((value) => caseWith({ truth: [value], values: [value] }));
    expect(classResults(cases, new Map()).map(({ value, f1 }) => [value, f1])).toEqual(
      expect.arrayContaining([
        ['__proto__', 1],
        ['constructor', 1],
        ['🖨️', 1],
      ]),
    );
  });
});
