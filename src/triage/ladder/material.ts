import type { Evidence } from '../../domain/decision/decision.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { partsOf, type Target } from '../../domain/playbook/target.ts';
import type { Recall } from '../../domain/ports/memory.ts';
import type { Issue } from '../../domain/ticket/issue.ts';
import { byCode } from '../../domain/ticket/text.ts';
import type { Material, Offer, ShownTicket } from '../../prompt/question.ts';

/** Past tickets that a model may see, with the names that may occur in them. */
export interface Gathered {
  readonly evidence: readonly ShownTicket[];
  readonly examples: Material['examples'];
  readonly people: readonly string[];
}

/** What a model is to decide, and what it may go by. */
export interface Matter {
  readonly issue: Issue;
  readonly evidence: readonly Evidence[];
  readonly offers: readonly Offer[];
}

/** What a model is shown of past tickets: the best ones that may leave this house, and examples of our mistakes. */
export async function gather(
  { issue, evidence, offers }: Matter,
  playbook: Playbook,
  { memory }: { readonly memory: Pick<Recall, 'excerpts' | 'corrections'> },
): Promise<Gathered> {
  const shown = evidence.slice(0, playbook.retrieval.shown);
  const [excerpts, examples] = await Promise.all([
    memory.excerpts(shown.map(({ id }) => id)),
    examplesFor(issue, offers, { playbook, memory }),
  ]);
  const known = new Map(excerpts.map((excerpt) => [excerpt.id, excerpt]));
  const targets = offers.map(({ target }) => target);
  return {
    evidence: shown.map(({ id, key, summary, values }, index) => ({
      ref: `E${index + 1}`,
      key,
      summary,
      text: beginningOf(known.get(id)?.text ?? '', playbook.retrieval),
      values: onlyTargets(values, targets),
    })),
    examples: examples.shots,
    people: [...new Set([...issue.people, ...excerpts.flatMap(({ people }) => people), ...examples.people])].sort(
      byCode,
    ),
  };
}

/** No language takes more characters for a token, on average over a ticket. */
const CHARACTERS_PER_TOKEN = 6;

/** As much of a past ticket as there can be room for, cut between words: what is not shown need not be redacted. */
function beginningOf(text: string, { maxEvidenceTokens, shown }: Playbook['retrieval']): string {
  const most = Math.ceil((maxEvidenceTokens * CHARACTERS_PER_TOKEN) / Math.max(1, shown));
  if (text.length <= most) return text;
  const space = text.lastIndexOf(' ', most);
  return text.slice(0, space > most / 2 ? space : most).toWellFormed();
}

/** Past tickets fit to be shown to a model; what is restricted stays here unless the playbook says otherwise. */
export function showable(evidence: readonly Evidence[], { privacy }: Playbook): readonly Evidence[] {
  return evidence.filter(({ isRestricted }) => !isRestricted || privacy.sendRestricted);
}

interface Examples {
  readonly shots: Material['examples'];
  readonly people: readonly string[];
}

async function examplesFor(
  issue: Issue,
  offers: readonly Offer[],
  { playbook, memory }: { readonly playbook: Playbook; readonly memory: Pick<Recall, 'corrections'> },
): Promise<Examples> {
  const shots = playbook.prompts.triage?.few_shot ?? [];
  const targets = offers.map(({ target }) => target);
  if (!('from' in shots)) {
    const inline = shots.map(({ summary, text, answer }) => ({ summary, text, values: onlyTargets(answer, targets) }));
    return { shots: inline.filter(({ values }) => Object.keys(values).length > 0), people: [] };
  }
  const wanted = shots.targets ?? targets.map(({ name }) => name);
  const corrected = await memory.corrections({
    targets: wanted,
    projects: exampleProjects(issue, playbook, shots),
    before: issue.created,
    limit: shots.limit,
  });
  return {
    shots: corrected.map(({ summary, text, values }) => ({
      summary,
      text,
      values: onlyTargets(
        Object.fromEntries(
          Object.entries(values).flatMap(([name, { value, by }]) => (by === 'human' ? [[name, value]] : [])),
        ),
        targets,
      ),
    })),
    people: corrected.flatMap(({ people }) => people),
  };
}

/** Tickets of restricted projects are examples for nobody, not even in their own. */
function exampleProjects(
  { project }: Issue,
  { projects, restrictedProjects }: Playbook,
  { sameProject }: { readonly sameProject: boolean },
): readonly string[] {
  return (sameProject ? [project] : projects).filter((other) => !restrictedProjects.includes(other));
}

function onlyTargets(
  values: Readonly<Record<string, string>>,
  targets: readonly Target[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    targets.flatMap((target) => {
      const value = Object.hasOwn(values, target.name) ? values[target.name] : undefined;
      return value === undefined ? [] : [[target.name, partsOf(target, value).join(', ')] as const];
    }),
  );
}
