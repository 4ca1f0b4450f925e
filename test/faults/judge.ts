import type { JiraSite } from '../fakes/jira/door.ts';
import type { SiteIssue } from '../fakes/jira/model.ts';
import type { Admin, AdminStory } from '../support/admin.ts';
import { atOnce } from '../support/at-once.ts';
import { deedsOf, fateOf } from '../support/human-edits/judge.ts';
import { MATTERS, type Matter, TARGETS } from './desk/playbook.ts';
import { actsInWindow, type Watch } from './desk/watch.ts';

/** A ticket as it was created. */
export interface Sent {
  readonly born: SiteIssue;
  readonly matter: Matter;
}

/** What became of all tickets, by Jira's own changelog and by the ledger. */
export interface Judgement {
  readonly edits: number;
  /** Tickets that did not end as they must, or whose end the ledger does not know. */
  readonly lost: number;
  /** Tickets that were edited once more than what people did can explain. */
  readonly doubled: number;
  /** Values of people that did not stand in the end. */
  readonly overwritten: number;
  /** Everything that is wrong, a line each. */
  readonly problems: readonly string[];
}

export interface Case {
  readonly site: JiraSite;
  readonly watch: Watch;
  readonly admin: Pick<Admin, 'story'>;
}

/**
 * Holds the ledger and Jira's changelog against what was sent: every ticket is triaged, none is edited twice, no
 * person's value is lost, and both tell the same story.
 */
export async function judge(sent: readonly Sent[], place: Case): Promise<Judgement> {
  const findings = await atOnce(8, sent, (ticket) => judgeTicket(ticket, place));
  const count = (...kinds: readonly Kind[]) =>
    findings.filter(({ faults }) => faults.some(({ kind }) => kinds.includes(kind))).length;
  const problems = findings.flatMap(({ key, faults }) => faults.map(({ kind, what }) => `${key} ${kind}: ${what}`));
  return {
    edits: findings.reduce((sum, { edits }) => sum + edits, 0),
    lost: count('lost', 'disagreed'),
    doubled: count('doubled'),
    overwritten: count('overwritten'),
    problems: [...problems, ...place.site.violations],
  };
}

type Kind = 'lost' | 'doubled' | 'overwritten' | 'disagreed';
interface Fault {
  readonly kind: Kind;
  readonly what: string;
}
interface Finding {
  readonly key: string;
  readonly edits: number;
  readonly faults: readonly Fault[];
}

/** One look of ours at a time at most may be ended by Jira; these are the ends that are none of a fault. */
const FINE = new Set(['triaged', 'learned', 'ignored']);

async function judgeTicket({ born, matter }: Sent, { site, watch, admin }: Case): Promise<Finding> {
  const { key } = born;
  const story = await storyOf(key, admin);
  if (!story) {
    const what = `the ledger knows nothing; ${JSON.stringify(deliveriesTo(site, key))}`;
    return { key, edits: 0, faults: [{ kind: 'lost', what }] };
  }
  const now = site.issue(key);
  if (!now) throw new Error(`${key} is not on the site any more`);
  const { perDecision, others } = deedsOf(site, key);
  const edits = [...perDecision.values()].reduce((sum, count) => sum + count, 0);
  const inWindow = actsInWindow(watch.story(born.id));
  const faults: Fault[] = [];
  const find = (kind: Kind, isFault: boolean, what: () => string) => {
    if (isFault) faults.push({ kind, what: what() });
  };
  const told = new Set(deliveriesTo(site, key).map(({ id }) => id)).size;
  // The sweep tells of some what Jira did not come round to telling.
  const heard = story.deliveries.filter(({ door }) => door === 'webhook').length;
  find(
    'disagreed',
    heard > told || (heard < told && heard === story.deliveries.length),
    () => `${told} deliveries, ${heard} known`,
  );
  const states = story.deliveries.map(({ state }) => state);
  find(
    'lost',
    !states.includes('triaged') || !states.every((state) => FINE.has(state)),
    () => `deliveries [${states}]`,
  );
  find('doubled', edits > 1 + inWindow, () => `${edits} edits, ${inWindow} acts in between`);
  find('doubled', perDecision.size > 1, () => `edits by ${perDecision.size} decisions`);
  find('disagreed', others.length > 0, () => `did ${others.map(({ kind }) => kind)}`);
  for (const target of TARGETS) {
    const fate = fateOf(target, born, now, site.botId);
    find('overwritten', fate.isHuman && fate.end !== fate.humanEnd, () => JSON.stringify(fate));
    find('overwritten', inWindow === 0 && fate.overlaid > 0, () => `overlaid ${JSON.stringify(fate)}`);
    const expected = expectedOf(target.name, matter);
    find('lost', !fate.isHuman && fate.end !== expected, () => `${target.name} is '${fate.end}', not '${expected}'`);
  }
  for (const what of disagreements(story, [...perDecision.keys()])) faults.push({ kind: 'disagreed', what });
  return { key, edits, faults };
}

function deliveriesTo(site: JiraSite, key: string) {
  return site.webhooks.deliveries().filter(({ issueKey }) => issueKey === key);
}

async function storyOf(key: string, admin: Case['admin']): Promise<AdminStory | null> {
  try {
    return await admin.story(key);
  } catch (error) {
    if (String(error).includes('404')) return null;
    throw error;
  }
}

/** The value of a target as `fateOf` words it, when nobody but us touched it. */
function expectedOf(target: string, matter: Matter): string {
  const { category, component = '', priority = 'Medium' } = { ...NOTHING, ...MATTERS[matter] };
  if (target === 'category') return `cat-${category}`;
  return target === 'component' ? component : priority;
}
const NOTHING: { readonly component?: string; readonly priority?: string } = {};

/** Where the ledger tells another story than Jira. */
function disagreements({ writes, decisions }: AdminStory, editedBy: readonly string[]): readonly string[] {
  const applied = writes.filter(({ state }) => state === 'applied').map(({ decisionId }) => decisionId);
  const planned = writes.filter(({ state }) => state === 'planned');
  const unknown = editedBy.filter((id) => !applied.includes(id));
  const invented = applied.filter((id) => !editedBy.includes(id));
  const strangers = editedBy.filter((id) => !decisions.some((decision) => decision.id === id));
  return [
    ...unknown.map((id) => `Jira was edited by ${id}, which the ledger does not hold for applied`),
    ...invented.map((id) => `the ledger holds ${id} for applied, Jira knows no such edit`),
    ...strangers.map((id) => `Jira was edited by ${id}, which nobody decided`),
    ...planned.map(({ decisionId }) => `the write ${decisionId} is still planned`),
  ];
}
