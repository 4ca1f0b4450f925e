import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { glimpseOf, parseIssue } from '../../../src/adapters/jira/issue-schema.ts';
import { plainText, wikiToText } from '../../../src/adapters/jira/markup.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import { inTime, runs } from '../../support/fuzz/bounds.ts';
import { changed, hostileValue, PIECES } from '../../support/fuzz/values.ts';

const AT = '2026-04-25T18:35:13.605+0530';
const MARKER = 'words-of-the-ticket';
const text = (words: string) => ({ type: 'text', text: words });
const DOCUMENT = {
  type: 'doc',
  version: 1,
  content: [
    { type: 'heading', attrs: { level: 1 }, content: [text('Help')] },
    { type: 'paragraph', content: [text('one'), { type: 'hardBreak' }, { type: 'mention', attrs: { text: '@Ada' } }] },
    { type: 'bulletList', content: [{ type: 'listItem', content: [{ type: 'paragraph', content: [text('two')] }] }] },
    { type: 'mediaSingle', content: [{ type: 'media', attrs: { id: 'x', type: 'file' } }] },
  ],
};
const ISSUE = {
  id: '10001',
  key: 'IT-1',
  fields: {
    summary: MARKER,
    description: DOCUMENT,
    issuetype: { name: 'Incident' },
    project: { key: 'IT' },
    reporter: { accountId: 'customer-cy', displayName: 'Cy Customer' },
    labels: ['cat-vpn'],
    components: [{ name: 'Mail' }],
    status: { name: 'Done', statusCategory: { key: 'done' } },
    created: AT,
    updated: AT,
    resolution: { name: 'Done' },
    customfield_1: { requestType: { name: 'Get help' } },
    customfield_2: [{ name: 'ACME' }],
  },
  editmeta: { fields: { labels: { allowedValues: [{ name: 'a' }, { value: 'b' }] } } },
  changelog: {
    total: 1,
    histories: [
      { created: AT, author: { accountId: 'ada' }, items: [{ field: 'labels', fromString: '', toString: 'a' }] },
    ],
  },
  properties: { 'jira-triage': { decisionId: 'd', revision: 'r', at: AT, values: { category: 'vpn' } } },
};
const customer = { requestType: ['customfield_1'], organizations: ['customfield_2'] };

describe('an issue that is anything at all', () => {
  test('is read, or is trouble that may pass and never repeats what the ticket says', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(changed([ISSUE]), (body) => {
        try {
          const issue = inTime(() => parseIssue(body, customer));
          expect(issue.created).toMatch(/Z$/);
          expect(issue.text.length).toBeLessThanOrEqual(20_000);
          expect(`${issue.summary}${issue.text}`.isWellFormed()).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TransientError);
          expect(String(error)).not.toContain(MARKER);
          expect(String(error).length).toBeLessThan(250);
        }
      }),
      runs(200),
    );
  });

  test('is glimpsed in the same manner', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(changed([ISSUE]), hostileValue), (body) => {
        try {
          expect(typeof glimpseOf(body).isFinished).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(TransientError);
        }
      }),
      runs(120),
    );
  });

  test('is told by the place that is not as it should be', () => {
    const { updated: _, ...fields } = ISSUE.fields;
    expect(() => parseIssue({ ...ISSUE, fields })).toThrow('of another shape: fields.updated');
    expect(() => parseIssue('<html>')).toThrow('of another shape: all of it');
  });
});

describe('text that is anything at all', () => {
  test('in a document is read in time, and kept short', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(changed([DOCUMENT]), hostileValue), (value) => {
        expect(inTime(() => plainText(value)).length).toBeLessThanOrEqual(60_000);
      }),
      runs(200),
    );
  });

  test.each([
    ['nodes', Array.from({ length: 80_000 }, () => ({ type: 'x' }))],
    ['lists', Array.from({ length: 300_000 }, () => [])],
    ['attributes', [{ type: 'x', attrs: Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`a${n}`, n])) }]],
  ])('of a megabyte of %s is read in time', { timeout: 60_000 }, (_what, content) => {
    inTime(() => plainText({ type: 'doc', content }));
  });

  const line = fc.tuple(
    fc.array(fc.constantFrom(...PIECES, 'title=', 'bgColor=', 'bq. ', 'h1. ', ']', '}', '{panel:title='), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.constantFrom('', 'x', ' '),
  );

  test('in wiki markup is read in time, for no line takes long', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(line, fc.constantFrom(1, 150), ([pieces, end], lines) => {
        const one = pieces.join('').repeat(400).slice(0, 399) + end;
        inTime(() => wikiToText(`${one}\n`.repeat(lines)));
      }),
      runs(120),
    );
  });

  test.each(['||a|', '||', '|||', '{code:title=', '{code:title=a|title=b'])(
    'that is a line of %j costs no more than its length',
    (piece) => {
      inTime(() => wikiToText(`${piece.repeat(400).slice(0, 399)}x\n`.repeat(150)));
    },
  );

  test('of a table keeps its words', () => {
    expect(wikiToText('||System||State||\n|VPN|down|')).toBe('|System|State|\n|VPN|down|');
  });
});
