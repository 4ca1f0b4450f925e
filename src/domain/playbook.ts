import { z } from 'zod';
import type { Calibration } from './calibration.ts';
import { FeatureName } from './context.ts';
import { type Target, TargetSchema } from './target.ts';

/** A name usable as a key of a plain object. */
const Name = z
  .string()
  .regex(/^[a-zA-Z][\w-]*$/, 'must be a name of letters, digits, _ or -')
  .refine((name) => !(name in Object.prototype), 'is a name every object has; choose another');

const Pattern = z.string().check((context) => {
  try {
    new RegExp(context.value, 'iu');
  } catch (cause) {
    context.issues.push({
      code: 'custom',
      message: `is not a regular expression: ${String(cause)}`,
      input: context.value,
    });
  }
});

const RuleSchema = z.strictObject({
  name: z.string(),
  when: z
    .strictObject({
      textMatches: Pattern.optional(),
      issueType: z.array(z.string()).optional(),
      reporter: z.array(z.string()).optional(),
      labels: z.array(z.string()).optional(),
    })
    .refine((when) => Object.values(when).some((condition) => condition !== undefined), 'needs at least one condition'),
  // biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
  then: z.record(Name, z.string()),
});

/** `config/playbook.yaml`. */
export const PlaybookFileSchema = z.strictObject({
  projects: z.array(z.string().regex(/^[A-Z][A-Z0-9_]+$/, 'must be a Jira project key')).min(1),
  targets: z.record(Name, TargetSchema),
  rules: z.array(RuleSchema).default([]),
  retrieval: z
    .strictObject({
      /** Past tickets looked at per new one. */
      topK: z.int().min(1).max(200).default(20),
      /** Share of the keyword score when vectors are at hand; 1 ignores vectors. */
      keywordWeight: z.number().min(0).max(1).default(0.5),
      /** Days after which a past ticket counts half; absent: age does not matter. */
      recencyHalfLifeDays: z.number().positive().optional(),
    })
    .prefault({}),
  classify: z
    .strictObject({
      /** Similarity is raised to this power before voting: higher trusts the nearest more. */
      sharpness: z.number().min(0).max(10).default(2),
      /** What a ticket has beyond text that the local classifier may use; `triage evaluate` shows what each is worth. */
      features: z.array(FeatureName).default(['reporter', 'issueType']),
      /** Days after which a past ticket counts half in training; absent: age does not matter. */
      recencyHalfLifeDays: z.number().positive().optional(),
      /** A promised precision is missed with about this probability (one-sided, per cut-off). */
      doubt: z.number().min(0.01).max(0.5).default(0.2),
      /** The same history and seed give the same classifier. */
      seed: z.int().min(0).default(42),
    })
    .prefault({}),
  /** Similar new tickets of one project that come in together: possibly one major incident. */
  bursts: z
    .strictObject({
      /** This many make a burst; 0 looks for none. */
      tickets: z
        .int()
        .min(0)
        .max(100)
        .refine((tickets) => tickets !== 1, 'must be at least 2, or 0 for none')
        .default(5),
      /** They were created within this time. */
      withinMinutes: z.int().min(1).max(1440).default(15),
      /** How much the others are like the newest, 0 to 1: 0.15 finds one fault in many words, 0.5 only near copies. */
      similarity: z.number().min(0.05).max(0.99).default(0.15),
    })
    .prefault({}),
  writeBack: z
    .strictObject({
      /** Whether Jira mails watchers about our edits. Turning it off needs project-admin rights. */
      notifyUsers: z.boolean().default(true),
    })
    .prefault({}),
});

/** `config/taxonomies/*.yaml`: the values a target may take. */
export const TaxonomySchema = z.strictObject({
  values: z
    .record(
      z.string().min(1),
      z.strictObject({
        description: z.string(),
        /** A broader value to fall back to when this one and its siblings are too close to tell apart. */
        parent: z.string().optional(),
      }),
    )
    .refine((values) => Object.keys(values).length > 0, 'needs a value'),
});

/** `config/teams.yaml`. */
export const TeamsSchema = z.strictObject({
  /** Which target's value chooses the team, and which targets receive team and person. */
  route: z.strictObject({ by: Name, team: Name.optional(), assignee: Name.optional() }).optional(),
  teams: z.record(
    z.string().min(1),
    z.strictObject({
      /** Values of the `by` target that this team takes. */
      takes: z.array(z.string()),
      /** `team-only` leaves the person open; `past-resolver` takes the member who finished the most similar tickets. */
      policy: z.enum(['team-only', 'past-resolver']).default('team-only'),
      members: z.array(z.strictObject({ accountId: z.string(), name: z.string() })).default([]),
    }),
  ),
});

export type PlaybookFile = z.infer<typeof PlaybookFileSchema>;
export type Taxonomy = z.infer<typeof TaxonomySchema>;
export type Teams = z.infer<typeof TeamsSchema>;
export type Rule = z.infer<typeof RuleSchema>;

/** All of `config/`, parsed and checked whole. */
export interface Playbook extends Omit<PlaybookFile, 'targets'> {
  readonly targets: readonly Target[];
  /** Allowed values by target name; a target without taxonomy is absent. */
  readonly taxonomies: ReadonlyMap<string, Taxonomy>;
  readonly teams: Teams;
  /** By target name; a target without one is never written from past tickets. */
  readonly calibrations: ReadonlyMap<string, Calibration>;
  /** Git commit when known + content hash: `1a2b3c4-9f8e7d6c5b4a`. */
  readonly revision: string;
}
