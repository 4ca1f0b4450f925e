import { describe, expect, test } from 'vitest';
import { documentOf, plainText, wikiToText } from '../../../src/adapters/jira/markup.ts';

const doc = (...content: readonly unknown[]) => ({ type: 'doc', version: 1, content });
const text = (words: string) => ({ type: 'text', text: words });
const paragraph = (...content: readonly unknown[]) => ({ type: 'paragraph', content });

describe('an Atlassian document', () => {
  test('is read paragraph by paragraph', () => {
    expect(plainText(doc(paragraph(text('one '), text('two')), paragraph(text('three'))))).toBe('one two\nthree');
  });

  test.each([
    ['a mention', { type: 'mention', attrs: { id: '1', text: '@Ada' } }, '@Ada'],
    ['an emoji', { type: 'emoji', attrs: { shortName: ':printer:', text: '🖨' } }, '🖨'],
    ['an emoji without a character', { type: 'emoji', attrs: { shortName: ':custom:' } }, ':custom:'],
    ['a status', { type: 'status', attrs: { text: 'DONE', color: 'green' } }, 'DONE'],
    ['a link card', { type: 'inlineCard', attrs: { url: 'https://wiki/x' } }, 'https://wiki/x'],
    ['a line break', { type: 'hardBreak' }, ''],
    [
      'an attachment',
      { type: 'mediaSingle', content: [{ type: 'media', attrs: { id: 'x', type: 'file', collection: '' } }] },
      '[attachment]',
    ],
    ['a heading', { type: 'heading', attrs: { level: 1 }, content: [text('Help')] }, 'Help'],
    ['code', { type: 'codeBlock', attrs: { language: 'sh' }, content: [text('ping  x\n  y')] }, 'ping  x\n  y'],
    ['a folded section', { type: 'expand', attrs: { title: 'Log' }, content: [paragraph(text('line'))] }, 'Log\nline'],
    ['a kind that is yet unknown', { type: 'hologram', content: [paragraph(text('inside'))] }, 'inside'],
  ])('says what %s says', (_what, node, expected) => {
    expect(plainText(doc(node))).toBe(expected);
  });

  test('keeps the cells of a table apart and its rows on lines', () => {
    const cell = (words: string) => ({ type: 'tableCell', content: [paragraph(text(words))] });
    const row = (...cells: readonly unknown[]) => ({ type: 'tableRow', content: cells });
    const table = { type: 'table', content: [row(cell('a'), cell('b')), row(cell('c'), cell('d'))] };
    expect(plainText(doc(table)).split(/\s+/)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('keeps the items of a list apart', () => {
    const item = (words: string) => ({ type: 'listItem', content: [paragraph(text(words))] });
    expect(plainText(doc({ type: 'bulletList', content: [item('one'), item('two')] })).split(/\n+/)).toEqual([
      'one',
      'two',
    ]);
  });

  test.each([null, undefined, 7, true, [], {}, doc(), { content: 'x' }, doc(null, 7, 'x', [])])(
    'that is %j says nothing',
    (value) => {
      expect(plainText(value)).toBe('');
    },
  );

  test('with an odd attribute still says what is in it', () => {
    expect(plainText(doc({ ...paragraph(text('kept')), attrs: { url: null, title: 7 } }))).toBe('kept');
    expect(plainText(doc({ type: 'panel', attrs: null, content: [paragraph(text('kept'))] }))).toBe('kept');
  });

  test('nested ten thousand deep is read as far as is sane', () => {
    let node: unknown = paragraph(text('bottom'));
    for (let depth = 0; depth < 10_000; depth += 1) node = { type: 'blockquote', content: [node] };
    expect(plainText(doc(paragraph(text('top')), node))).toBe('top');
  });

  test.each([
    ['a million spaces', doc(paragraph(text(`${' '.repeat(1_000_000)}x`)))],
    ['a million tabs and a word', doc(paragraph(text(`x${'\t'.repeat(1_000_000)}y`)))],
    ['a million empty lines', doc(paragraph(text('\n'.repeat(1_000_000))))],
    ['a hundred thousand paragraphs', doc(...Array.from({ length: 100_000 }, () => paragraph(text('x'))))],
  ])('of %s is read in no time, and kept short', (_what, value) => {
    const startedAt = performance.now();
    expect(plainText(value).length).toBeLessThanOrEqual(60_000);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('wiki markup', () => {
  test.each([
    ['headings', 'h1. Help', /Help/],
    ['bold and italics', 'a *bold* and _slanted_ word', /bold.* and .*slanted/],
    ['code', '{code:java}int x = 1;{code}', /int x = 1;/],
    ['lists', '* one\n* two', /one[\s\S]*two/],
    ['links', '[the wiki|https://wiki/x]', /the wiki.*https:\/\/wiki\/x/],
    ['Windows line ends', 'one\r\ntwo', /one\s+two/],
  ])('keeps the words of %s', (_what, wiki, expected) => {
    expect(wikiToText(wiki)).toMatch(expected);
    expect(plainText(wiki)).toBe(wikiToText(wiki));
  });

  test('of nothing is nothing', () => {
    expect(wikiToText('')).toBe('');
    expect(wikiToText('  \n \n')).toBe('');
  });

  test.each(['a', ' ', '{', '[', '*', '{code}', '{color:red}', '||', '\n* ', '-', '!'])(
    '%j a great many times over is read in no time',
    (unit) => {
      const startedAt = performance.now();
      wikiToText(`${unit.repeat(100_000)}x`);
      expect(performance.now() - startedAt).toBeLessThan(500);
    },
  );

  test('a thousand links that were never closed are read in no time', () => {
    const startedAt = performance.now();
    wikiToText(`${'[a|'.repeat(1_200)}x`);
    expect(performance.now() - startedAt).toBeLessThan(100);
  });
});

describe('a document of ours', () => {
  test('holds plain paragraphs, whatever is in them', () => {
    const paragraphs = ['*not bold* [~mention]', '{code}'];
    expect(documentOf(paragraphs)).toEqual(doc(paragraph(text('*not bold* [~mention]')), paragraph(text('{code}'))));
    expect(plainText(documentOf(paragraphs))).toBe('*not bold* [~mention]\n{code}');
  });
});
