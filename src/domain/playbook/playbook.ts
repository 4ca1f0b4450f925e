import { z } from 'zod';
import type { EndpointName } from '../decision/question.ts';
import { FeatureName } from '../ticket/context.ts';
import type { Calibration } from './calibration.ts';
import { ModelSchema } from './model.ts';
import type { Prompt } from './prompt.ts';
import { type Target, TargetSchema } from './target.ts';
import type { Teams } from './teams.ts';

/** A name usable as a key of a plain object. */
const Name = z
  .string()
  .regex(/^[a-zA-Z][\w-]*$/, 'must be a name of letters, digits, _ or -')
  .refine((name) => !(name in Object.prototype), 'is a name every object has; choose another');

const MODIFIER = /\(\?(?:[ims]+(?:-[ims]*)?|-[ims]+):/;
const Pattern = z
  .string()
  .check((context) => {
    try {
      new RegExp(context.value, 'iu');
    } catch (cause) {
      context.issues.push({
        code: 'custom',
        message: `is not a regular expression: ${String(cause)}`,
        input: context.value,
      });
    }
  })
  .refine(
    (pattern) => !MODIFIER.test(pattern.replaceAll(/\\./gs, '')),
    'has a modifier such as (?-i:…), which Node 24 heeds only at times (https://github.com/nodejs/node/issues/60030); leave it out: upper and lower case are the same here',
  );

const RuleSchema = z.strictObject({
  name: z.string(),
  when: z
    .strictObject({
      textMatches: Pattern.optional(),
      issueType: z.array(z.string()).optional(),
      reporter: z.array(z.string()).optional(),
      labels: z.array(z.string()).optional(),
      /** Request types of Jira Service Management, by name. */
      requestType: z.array(z.string()).optional(),
      organization: z.array(z.string()).optional(),
    })
    .refine((when) => Object.values(when).some((condition) => condition !== undefined), 'needs at least one condition'),
  // biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
  then: z.record(Name, z.string()),
});

const PrivacySchema = z
  .strictObject({
    /** What is replaced before text leaves for a model or an embeddings endpoint. */
    redaction: z.enum(['off', 'standard', 'strict']).default('standard'),
    /** What this site calls private, for example personnel numbers. */
    patterns: z.array(z.strictObject({ name: Name, pattern: Pattern })).default([]),
    /** Whether tickets with a security level may be shown to a model at all. */
    sendRestricted: z.boolean().default(false),
  })
  .prefault({});

/** What can be found out about a ticket by looking at its text. */
export const PLUGINS = ['language', 'device-info', 'affected-service'] as const;

const ProjectKey = z.string().regex(/^[A-Z][A-Z0-9_]+$/, 'must be a Jira project key');

/** `config/playbook.yaml`. */
export const PlaybookFileSchema = z.strictObject({
  projects: z.array(ProjectKey).min(1),
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
      /** By words, by meaning, or by both; without an embeddings endpoint always by words. */
      mode: z.enum(['keyword', 'vector', 'hybrid']).default('hybrid'),
      /** Past tickets less alike than this (0 to 1) are no evidence. */
      similarityThreshold: z.number().min(0).max(1).default(0),
      /** Past tickets shown to the model, and the tokens they may take together. */
      shown: z.int().min(0).max(30).default(8),
      maxEvidenceTokens: z.int().min(0).max(50_000).default(1_000),
      /** File of a prompt that makes the model write the ticket it would expect in memory, to look for that by meaning. */
      hyde: z.string().optional(),
      /** `model`: the prompt in `rerankPrompt` chooses which of the found tickets are shown. */
      rerank: z.enum(['none', 'model']).default('none'),
      rerankPrompt: z.string().default('prompts/rerank.yaml'),
    })
    .prefault({}),
  /** Absent: no model is ever asked. */
  model: ModelSchema.optional(),
  privacy: PrivacySchema,
  /** Facts for the prompt, found by code that comes with the service. */
  plugins: z.array(z.enum(PLUGINS)).default([]),
  /** The desk's services with the words that give them away, for `affected-service`. */
  services: z.record(z.string().min(1).max(60), z.array(z.string().min(2)).min(1)).default({}),
  classify: z
    .strictObject({
      /** Similarity is raised to this power before voting: higher trusts the nearest more. */
      sharpness: z.number().min(0).max(10).default(2),
      /** What a ticket has beyond text that the local classifier may use; `triage evaluate` shows what each is worth. */
      features: z.array(FeatureName).default(['reporter', 'issueType']),
      /** Days after which a past ticket counts half in training; absent: age does not matter. */
      recencyHalfLifeDays: z.number().positive().optional(),
      /** What a value counts in training that we wrote and nobody touched; 0 leaves it out. People's own count 1. */
      weakWeight: z.number().min(0).max(1).default(0.25),
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
      /** So long people may go first: a decision waits before it is written, and is then held against the ticket as it is. */
      graceSeconds: z.int().min(0).max(86_400).default(0),
      /** An internal note on the ticket: never, where something is only suggested, or with every decision that says something. */
      note: z.enum(['off', 'suggestions', 'decisions']).default('off'),
    })
    .prefault({}),
  /** Projects whose tickets are evidence for nobody else, never examples in a prompt, never named in a note. */
  restrictedProjects: z.array(ProjectKey).default([]),
  /** Tickets that are decided and left alone, to measure honestly what the others gain. */
  controlGroup: z
    .strictObject({
      share: z.number().min(0).max(0.5).default(0),
      /** Another word draws another group. */
      salt: z.string().default(''),
    })
    .prefault({}),
  /** A class that people override too often is only suggested from then on, until a person releases it. */
  guardRails: z
    .strictObject({
      windowDays: z.int().min(1).max(365).default(14),
      /** Fewer judged values than this say nothing. */
      minOutcomes: z.int().min(1).default(10),
      /** The share of overridden values that must not be passed; 1 switches the guard rails off. */
      maxOverrideRate: z.number().min(0).max(1).default(0.25),
      /** The true share is below the bound that is compared with about this probability. */
      doubt: z.number().min(0.001).max(0.5).default(0.05),
    })
    .prefault({}),
  /** The last days are held against those before; what differs more than this raises an alarm. */
  drift: z
    .strictObject({
      recentDays: z.int().min(1).max(90).default(7),
      referenceDays: z.int().min(1).max(365).default(28),
      /** Fewer decisions than this in either say nothing. */
      minDecisions: z.int().min(1).default(50),
      /** Population stability index of what is decided; 0.25 is the usual alarm. */
      maxShift: z.number().positive().default(0.25),
      /** Difference of the shares that abstain, and of the shares of words never seen. */
      maxDifference: z.number().min(0).max(1).default(0.15),
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

/** Under which a calibration for a model's answers is kept: each endpoint has its own. */
export function modelKey(target: string, endpoint: EndpointName): string {
  return `${target}.${endpoint}`;
}

export type PlaybookFile = z.infer<typeof PlaybookFileSchema>;
export type Taxonomy = z.infer<typeof TaxonomySchema>;
export type Rule = z.infer<typeof RuleSchema>;

/** All of `config/`, parsed and checked whole. */
export interface Playbook extends Omit<PlaybookFile, 'targets'> {
  readonly targets: readonly Target[];
  /** Allowed values by target name; a target without taxonomy is absent. */
  readonly taxonomies: ReadonlyMap<string, Taxonomy>;
  readonly teams: Teams;
  /** By target name; a target without one is never written from past tickets. */
  readonly calibrations: ReadonlyMap<string, Calibration>;
  /** The same for what the model says, by `modelKey`. */
  readonly modelCalibrations: ReadonlyMap<string, Calibration>;
  /** Null where the playbook names none. */
  readonly prompts: Readonly<Record<'triage' | 'hyde' | 'rerank', Prompt | null>>;
  /** Git commit when known + content hash: `1a2b3c4-9f8e7d6c5b4a`. */
  readonly revision: string;
}
