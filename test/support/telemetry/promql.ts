import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

export interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

/** A metric that is asked for, and what its labels must be. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface Asked {
  readonly selectors: readonly Selector[];
  /** Labels by which is grouped or joined. */
  readonly labels: readonly string[];
}

/** What a query asks for. Throws when it is none. */
export function askedBy(expr: string): Asked {
  const selectors: Selector[] = [];
  const labels: string[] = [];
  const textOf = (node: SyntaxNode | null) => (node ? expr.slice(node.from, node.to) : '');
  parser.parse(expr).iterate({
    enter: ({ node }) => {
      if (node.type.isError) throw new Error(`no query at ${node.from}: ${expr}`);
      if (node.name === 'VectorSelector') selectors.push(selectorOf(node, textOf));
      if (node.name === 'GroupingLabels') labels.push(...node.getChildren('LabelName').map(textOf));
    },
  });
  return { selectors, labels };
}

function selectorOf(node: SyntaxNode, textOf: (node: SyntaxNode | null) => string): Selector {
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  return {
    metric: textOf(node.getChild('Identifier')),
    matchers: matchers.map((matcher) => ({
      label: textOf(matcher.getChild('LabelName')),
      op: textOf(matcher.getChild('MatchOp')),
      value: textOf(matcher.getChild('StringLiteral')).slice(1, -1),
    })),
  };
}

export interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The series of a `/metrics` answer. */
export function seriesIn(exposition: string): readonly Series[] {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [, metric = '', inside = ''] = /^([a-z_0-9:]+)(?:\{(.*)\})? /i.exec(line) ?? [];
    const pairs = [...inside.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gi)];
    return { metric, labels: Object.fromEntries(pairs.map(([, label, value]) => [label, value])) };
  });
}

/** Labels that Prometheus adds to whatever it scrapes. */
const SCRAPED: ReadonlySet<string> = new Set(['job', 'instance']);

/** What a query asks for and nothing has, in words; empty where all of it is there. */
export function missingFrom(series: readonly Series[], { selectors, labels }: Asked): readonly string[] {
  const asked = selectors.filter(({ metric }) => metric !== 'up');
  const ofQuery = series.filter(({ metric }) => asked.some((selector) => selector.metric === metric));
  const known = new Set(ofQuery.flatMap((one) => Object.keys(one.labels)));
  return [
    ...asked.flatMap((selector) => missing(series, selector)),
    ...(asked.length === 0 ? [] : labels)
      .filter((label) => !known.has(label) && !SCRAPED.has(label))
      .map((label) => `no series has the label ${label}`),
  ];
}

function missing(series: readonly Series[], { metric, matchers }: Selector): readonly string[] {
  const own = series.filter((one) => one.metric === metric);
  if (own.length === 0) return [`there is no ${metric}`];
  return matchers
    .filter(({ label }) => !SCRAPED.has(label))
    .flatMap(({ label, op, value }) => {
      const values = own.map(({ labels }) => labels[label]);
      if (values.every((one) => one === undefined)) return [`${metric} has no label ${label}`];
      const wanted = alternativesOf(op, value).map((pattern) => new RegExp(`^(?:${pattern})$`));
      const absent = wanted.filter((pattern) => !values.some((one) => pattern.test(one ?? '')));
      const isOnlyThat = op.startsWith('!') && values.every((one) => wanted.some((pattern) => pattern.test(one ?? '')));
      return [
        ...absent.map((pattern) => `no ${metric} has ${label}="${pattern.source}"`),
        ...(isOnlyThat ? [`every ${metric} has ${label}="${value}"`] : []),
      ];
    });
}

/** Every alternative has to be there by itself; what is to be left out, too, or leaving it out would be a typo. */
function alternativesOf(op: string, value: string): readonly string[] {
  return op.endsWith('~') ? value.split('|') : [value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')];
}
