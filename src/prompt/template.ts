import { createHash } from 'node:crypto';
import { type Emitter, Liquid, type Parser, Tag, type TagToken, type Template, type TopLevelToken } from 'liquidjs';
import { messageOf } from '../domain/errors.ts';

/** What a template may show. Everything under `issue.text` and the like was written by people outside the desk. */
export interface TemplateScope {
  readonly issue: {
    readonly key: string;
    readonly project: string;
    readonly type: string;
    readonly summary: string;
    readonly text: string;
    readonly facts: readonly { readonly name: string; readonly value: string }[];
  };
  readonly targets: readonly {
    readonly name: string;
    readonly description: string;
    readonly multiple: boolean;
    readonly values: readonly { readonly value: string; readonly description: string }[];
  }[];
  readonly evidence: readonly Shown[];
  readonly examples: readonly Omit<Shown, 'ref'>[];
}

interface Shown {
  readonly ref: string;
  readonly summary: string;
  readonly text: string;
  readonly values: readonly { readonly target: string; readonly value: string }[];
}

const KNOWN = [
  'issue.key',
  'issue.project',
  'issue.type',
  'issue.summary',
  'issue.text',
  'issue.facts',
  'targets',
  'evidence',
  'examples',
];
/** Fit to stand outside of data blocks: nobody outside the desk can write them. */
const TRUSTED = ['issue.key', 'issue.project', 'issue.type', 'targets.size', 'evidence.size', 'examples.size'];

const DATA_BLOCK = /\{%-?\s*data\s*-?%\}[\s\S]*?\{%-?\s*enddata\s*-?%\}/g;

/**
 * `{% data %} … {% enddata %}`: marks what is inside as quoted material, between delimiters that carry a fingerprint of
 * that very material, so that no ticket can contain its own closing delimiter.
 */
class DataTag extends Tag {
  readonly #inside: Template[];

  // biome-ignore lint/complexity/useMaxParams: the signature is liquidjs'
  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, remaining, liquid);
    const inside: Template[] = [];
    parser
      .parseStream(remaining)
      .on('tag:enddata', function stop() {
        this.stop();
      })
      .on('template', (template: Template) => inside.push(template))
      .on('end', () => {
        throw new Error(`tag ${token.getText()} not closed`);
      })
      .start();
    this.#inside = inside;
  }

  *render(context: Parameters<Tag['render']>[0], emitter: Emitter): Generator<unknown, void, string> {
    const inside = yield this.liquid.renderer.renderTemplates(this.#inside, context);
    const text = quiet(String(inside)).trim();
    const mark = createHash('sha256').update(text).digest('hex').slice(0, 12);
    emitter.write(`<data ${mark}>\n${text}\n</data ${mark}>`);
  }

  // biome-ignore lint/correctness/useYield: liquidjs wants a generator; its analysis looks through it
  *children(): Generator<unknown, Template[]> {
    return this.#inside;
  }
}

/** No file access, no loops without end, and a name nobody knows is a fault instead of an empty string. */
const engine = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 100_000,
  renderLimit: 1_000,
  memoryLimit: 10_000_000,
});
engine.registerTag('data', DataTag);

/** Delimiters inside quoted material are made harmless, though they could not close a block anyway. */
function quiet(text: string): string {
  return text.replace(/<(\s{0,9}\/?\s{0,9}data\b)/gi, '‹$1');
}

/** Fills in a template; throws what `faultsOf` would have told. */
export function fillIn(template: string, scope: TemplateScope): string {
  const filled: unknown = engine.renderSync(parsed(template), scope);
  return String(filled)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Everything wrong with a template, each as a sentence; empty when it is sound. */
export function templateFaults(template: string): string[] {
  try {
    const unknown = pathsIn(template).filter((path) => !isAmong(path, KNOWN));
    const loose = pathsIn(template.replace(DATA_BLOCK, '')).filter(
      (path) => !isAmong(path, TRUSTED) && !unknown.includes(path),
    );
    if (unknown.length === 0) engine.renderSync(engine.parse(template), SAMPLE);
    return [
      ...unknown.map((path) => `unknown variable "${path}"; there is ${KNOWN.join(', ')}`),
      ...loose.map(
        (path) => `"${path}" may hold what people outside wrote: show it between {% data %} and {% enddata %}`,
      ),
    ];
  } catch (error) {
    return [messageOf(error).split('\n')[0] ?? 'is not a Liquid template'];
  }
}

/** Every variable a template expects from outside, as a path. */
function pathsIn(template: string): string[] {
  const paths = engine.globalVariableSegmentsSync(engine.parse(template));
  return [...new Set(paths.map((path) => path.filter((part) => typeof part === 'string').join('.')))];
}

function isAmong(path: string, names: readonly string[]): boolean {
  return names.some((name) => path === name || path.startsWith(`${name}.`));
}

/** Templates in use are few and stay the same. */
const templates = new Map<string, Template[]>();
const MAX_TEMPLATES = 50;

function parsed(template: string): Template[] {
  const known = templates.get(template);
  if (known) return known;
  if (templates.size >= MAX_TEMPLATES) templates.clear();
  const fresh = engine.parse(template);
  templates.set(template, fresh);
  return fresh;
}

const SHOWN = { ref: 'E1', summary: 'summary', text: 'text', values: [{ target: 'target', value: 'value' }] };
/** Everything there is, so that a wrong name inside a loop shows. */
const SAMPLE: TemplateScope = {
  issue: {
    key: 'IT-1',
    project: 'IT',
    type: 'Incident',
    summary: 'summary',
    text: 'text',
    facts: [{ name: 'language', value: 'en' }],
  },
  targets: [
    { name: 'target', description: 'what', multiple: false, values: [{ value: 'value', description: 'which' }] },
  ],
  evidence: [SHOWN],
  examples: [SHOWN],
};
