import { Actor, requestOf } from '../../admin/steering.ts';
import type { GroupQuality } from '../../domain/decision/outcome.ts';
import type { Brake } from '../../domain/playbook/brake.ts';
import { name, table } from '../../evaluation/report/text-table.ts';
import { actorFor, openSteering, type SteeringOptions, tell } from './open.ts';

const nothing = async () => {};

/** `triage brakes`: what made itself more careful, and why. */
export async function runBrakes(options: SteeringOptions): Promise<void> {
  await using opened = await openSteering(options, nothing);
  const brakes = await opened.steering.brakes();
  tell(brakes.length === 0 ? ['✔ no brake is on: everything goes as far as the playbook says'] : brakeLines(brakes));
}

/** `triage brakes release ID`. */
export async function runRelease(id: string, options: SteeringOptions): Promise<void> {
  await using opened = await openSteering(options, nothing);
  const { target, value } = await opened.steering.releaseBrake(id, requestOf(Actor, actorFor(options)));
  tell([`✔ ${name(target + (value === null ? '' : ` ${value}`), 100)} goes as far as the playbook says again`]);
}

/** `triage audit`: what people made the service do, the newest first. */
export async function runAudit(options: SteeringOptions): Promise<void> {
  await using opened = await openSteering(options, nothing);
  const rows = (await opened.steering.audits()).map(({ at, actor, action, detail }) => [
    at,
    name(actor, 30),
    action,
    name(detail, 120),
  ]);
  tell([rows.length === 0 ? '✔ nothing yet' : table(['WHEN', 'WHO', 'WHAT', ''], rows)]);
}

/** `triage quality`: how what was written fared, by class and revision, and against the tickets left alone. */
export async function runQuality(options: SteeringOptions & { readonly days?: number }): Promise<void> {
  await using opened = await openSteering(options, nothing);
  const { since, rates, groups, brakes } = await opened.steering.quality(options.days ?? null);
  tell([`since ${since}`]);
  const rows = rates.map(({ target, value, revision, judged, overridden, lowerBound }) => [
    target,
    name(value, 40),
    name(revision, 30),
    String(judged),
    String(overridden),
    percent(overridden / judged),
    percent(lowerBound),
  ]);
  const header = ['TARGET', 'CLASS', 'REVISION', 'JUDGED', 'OVERRIDDEN', 'RATE', 'AT LEAST'];
  tell([rows.length === 0 ? 'nobody has judged a written value yet' : table(header, rows)]);
  if (groups.length > 0)
    tell(['', table(['TARGET', 'GROUP', 'TICKETS', 'RIGHT', 'SETTLED AFTER'], groups.map(groupRow))]);
  if (brakes.length > 0) tell(['', ...brakeLines(brakes)]);
}

function brakeLines(brakes: readonly Brake[]): readonly string[] {
  const rows = brakes.map(({ id, target, value, why, pulledAt }) => [
    name(id, 50),
    target,
    value === null ? '(all of it is off)' : name(value, 40),
    pulledAt,
    name(why, 120),
  ]);
  return [table(['BRAKE', 'TARGET', 'CLASS', 'SINCE', 'WHY'], rows)];
}

function groupRow({ target, group, tickets, judged, right, medianSettledMs }: GroupQuality): string[] {
  const share = judged === 0 ? '–' : `${percent(right / judged)} of ${judged}`;
  const minutes = medianSettledMs === null ? '–' : `${Math.round(medianSettledMs / 60_000)} min`;
  return [target, group === 'control' ? 'left alone' : 'decided', String(tickets), share, minutes];
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(1)} %` : '–';
}
