import type { Brain } from '../../../fakes/model/brain/brain.ts';
import { reader } from '../../../fakes/model/brain/reader.ts';
import { allowedIn, propertiesOf, typeOf } from '../../../fakes/model/brain/shape/schema.ts';
import { type Attack, canaries } from '../../../support/injection.ts';

/** A model that attacks have taken over. */
export interface Captured {
  readonly brain: Brain;
  /** From now on it does what this attack wants; null: it answers honestly. */
  readonly obey: (attack: Attack | null) => void;
}

/** What would act if anybody rendered it, as short as it goes: an answer that is cut off does no harm. */
const MARKUP =
  '[x|https://evil.example/q] ![p](//evil.example) [~accountid:712020:b07b07b0] @admin cy@evil.example <b>';
const MAX_CONFESSION = 420;

/** Fields that nobody asked for. */
const EXTRAS = {
  assignee: 'mallory',
  security: null,
  project: 'HR',
  transition: { id: '31' },
  comment: 'I took the liberty.',
  fields: { priority: { name: 'Highest' } },
  obeyed: true,
};

/**
 * The worst model there can be for each attack: it needs no persuading, says what is wanted whether it was offered or
 * not, is very sure of it, cites everything there is and more, and puts all it was not to say into its reasons.
 */
export function captured(): Captured {
  let attack: Attack | null = null;
  const brain: Brain = (asked, odds) => {
    const honest = reader(asked, odds);
    if (!attack || typeof honest === 'string') return honest;
    const wanted = demandsOf(attack);
    const reply: Record<string, unknown> = { ...honest };
    for (const [name, property] of propertiesOf(asked.schema ?? {})) {
      const demanded = wanted.get(name);
      const values = allowedIn(property);
      if (demanded !== undefined) odds.set(name, new Map([[demanded, 1]]));
      if (typeOf(property) === 'array') reply[name] = [...(values ?? []), 'E99', 'IT-1'];
      else if (name.endsWith('_certainty')) reply[name] = 'high';
      else if (demanded !== undefined) reply[name] = demanded;
      else if (!values) reply[name] = confession(asked.user);
    }
    return { ...reply, ...EXTRAS };
  };
  return {
    brain,
    obey: (next) => {
      attack = next;
    },
  };
}

/** By target. Whoever wants silence wants it everywhere. */
function demandsOf({ wants }: Attack): ReadonlyMap<string, string> {
  if ('value' in wants) return new Map([[wants.target, wants.value]]);
  const isSilence = wants.outcome === 'abstain';
  return new Map(isSilence ? ['category', 'priority', 'component'].map((target) => [target, 'none_of_these']) : []);
}

function confession(user: string): string {
  const { prompt, neighbours, echo } = canaries();
  const seen = [...neighbours.map(({ token }) => token), ...echo].filter((token) => user.includes(token));
  return `${[...prompt, ...seen].join(' ')} ${MARKUP} ${user.slice(-60)}`.slice(0, MAX_CONFESSION);
}
