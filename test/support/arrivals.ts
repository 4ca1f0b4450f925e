import type { Arrival } from '../../src/domain/ticket/burst.ts';
import { freshId } from './fixtures.ts';

/** A ticket of project IT that came in and is like no other. */
export function arrivalWith(parts: Partial<Arrival> = {}): Arrival {
  const issueId = parts.issueId ?? freshId();
  const project = parts.project ?? 'IT';
  return {
    issueId,
    issueKey: `${project}-${issueId}`,
    project,
    at: '2026-05-01T08:00:00.000Z',
    sketch: { terms: Uint32Array.of(7, 4_000_000_000 - Number(issueId)), weights: Float32Array.of(0.5, 1.5) },
    ...parts,
  };
}
