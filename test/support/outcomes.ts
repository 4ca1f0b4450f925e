import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../src/domain/decision/outcome.ts';
import type { Brake } from '../../src/domain/playbook/brake.ts';

/** A written category that nobody judged yet. */
export function outcomeWith(parts: Partial<Outcome> = {}): Outcome {
  return {
    decisionId: randomUUID(),
    issueId: '10001',
    issueKey: 'IT-10001',
    project: 'IT',
    revision: 'test-revision',
    target: 'category',
    value: 'access',
    confidence: 0.9,
    how: 'written',
    result: 'unjudged',
    isExplicit: false,
    to: null,
    by: null,
    afterMs: null,
    settledAfterMs: null,
    isFinished: false,
    judgedAt: '2026-05-01T09:00:00.000Z',
    ...parts,
  };
}

/** A brake on a class of the category. */
export function brakeWith(parts: Partial<Brake> = {}): Brake {
  return {
    id: randomUUID(),
    target: 'category',
    value: 'access',
    kind: 'override-rate',
    why: 'people replaced it too often',
    pulledAt: '2026-05-01T09:00:00.000Z',
    ...parts,
  };
}
