import type { PLUGINS } from '../domain/playbook/playbook.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { cleanText } from '../domain/ticket/text.ts';
import { deviceFacts } from './device.ts';
import { type Detector, languageOf } from './language.ts';
import { serviceOf } from './service.ts';

export type PluginName = (typeof PLUGINS)[number];

/** Facts by name: `language`, `device`, `os`, `browser`, `assetTag`, `service`. What is not found is not there. */
export type Facts = Readonly<Record<string, string>>;

export interface EnrichOptions {
  /** The words that give each service away. */
  readonly services: Readonly<Record<string, readonly string[]>>;
}

/** A fact goes into a prompt and into Jira's notes, and its text comes from anyone. */
const MAX_FACT = 60;

/**
 * What these plugins find out about a ticket, as short plain strings. Pure, in time linear in the text; `language` is
 * told only after `prepareEnrichers`.
 */
export function enrich(
  issue: Pick<Issue, 'summary' | 'text' | 'custom'>,
  plugins: readonly PluginName[],
  { services }: EnrichOptions,
): Facts {
  if (plugins.length === 0) return {};
  const ticket: Ticket = {
    title: cleanText(issue.summary),
    body: cleanText(issue.text),
    custom: issue.custom,
    services,
  };
  const found = [...new Set(plugins)].flatMap((plugin) => Object.entries(ENRICHERS[plugin](ticket)));
  return Object.fromEntries(found.flatMap(([name, value]) => (value ? [[name, plain(value)]] : [])));
}

/** Loads, once, what these plugins need before `enrich` is called. */
export async function prepareEnrichers(plugins: readonly PluginName[]): Promise<void> {
  if (!plugins.includes('language') || detector) return;
  detector = (await import('eld/extrasmall')).eld;
}

/**
 * Tables of letter groups that never change once loaded: 29 MB, so only for those who want them. The smallest of four
 * sets is right as often as the larger ones on whole tickets, of which the largest takes 135 MB.
 */
let detector: Detector | undefined;

interface Ticket extends EnrichOptions {
  readonly title: string;
  readonly body: string;
  readonly custom: Issue['custom'];
}

type Enricher = (ticket: Ticket) => Readonly<Record<string, string | undefined>>;

const ENRICHERS: Readonly<Record<PluginName, Enricher>> = {
  language: ({ title, body }) => ({ language: detector && languageOf(`${title}\n${body}`, detector) }),
  'device-info': ({ title, body, custom }) => deviceFacts([title, body, ...namesIn(custom)].join('\n')),
  'affected-service': ({ title, body, services }) => ({ service: serviceOf({ title, body }, services) }),
};

function plain(value: string): string {
  const short = value.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return [...short.slice(0, 2 * MAX_FACT)].slice(0, MAX_FACT).join('').trim();
}

const MAX_FIELDS = 100;
const MAX_MEMBERS = 5;
const MAX_NAME = 200;

/** The custom fields' texts and the names of the options or assets they hold. */
function namesIn(custom: Issue['custom']): string[] {
  return Object.values(custom)
    .slice(0, MAX_FIELDS)
    .flatMap((field) => (Array.isArray(field) ? field.slice(0, MAX_MEMBERS) : [field]))
    .map((member: unknown) => cleanText(nameOf(member).slice(0, MAX_NAME)));
}

function nameOf(member: unknown): string {
  if (typeof member === 'string') return member;
  if (typeof member !== 'object' || member === null) return '';
  const name: unknown = Reflect.get(member, 'value') ?? Reflect.get(member, 'name') ?? Reflect.get(member, 'label');
  return typeof name === 'string' ? name : '';
}
