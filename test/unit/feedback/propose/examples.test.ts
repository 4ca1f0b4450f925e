import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CorrectionDraft, DOCKING } from '../../../support/corrections.ts';
import { changesOf, proposedFor } from './support/ground.ts';

const docking: readonly CorrectionDraft[] = DOCKING.map(([summary, text]) => ({ summary, text }));
const PROMPT =
  "system: s\n# kept\nfew_shot:\n  - summary: 'a' # own\n    answer: { category: email }\ngeneration: {}\n";

const shotsIn = (source: string) => parse(source).few_shot;

describe('examples from corrections', () => {
  test('are the two most typical tickets with the right value, behind those that are there', () => {
    const odd = { summary: 'Zebra crossing painted over', text: 'Nothing of this is like any other one.' };
    const changes = changesOf('example', { corrections: [...docking, odd] });
    const written = changes.reduce((text, { apply }) => apply(text), PROMPT);
    expect(written).toContain("# kept\nfew_shot:\n  - summary: 'a' # own\n");
    const [own, ...added] = shotsIn(written);
    expect(own).toEqual({ summary: 'a', answer: { category: 'email' } });
    expect(added).toHaveLength(2);
    for (const { summary, text, answer } of added) {
      expect(DOCKING.map(([title, body]) => [title, body])).toContainEqual([summary, text]);
      expect(answer).toEqual({ category: 'hardware' });
    }
  });

  test('are not added a second time', () => {
    const first = changesOf('example', { corrections: docking });
    const shots = shotsIn(first.reduce((text, { apply }) => apply(text), PROMPT));
    expect(changesOf('example', { corrections: docking, shots })).toEqual([]);
  });

  test('stop where the prompt has no room, and say so', () => {
    const twenty = Array.from({ length: 20 }, (_, index) => ({ summary: `s${index}`, answer: { category: 'email' } }));
    for (const setting of [{ shots: twenty }, { playbook: { retrieval: { maxEvidenceTokens: 10 } } }])
      expect(proposedFor({ corrections: docking, ...setting })).toMatchObject({
        notes: [
          'prompts/triage.yaml has no room for more examples: take out old ones, or raise retrieval.maxEvidenceTokens',
        ],
      });
    expect(changesOf('example', { corrections: docking, shots: twenty.slice(1) })).toHaveLength(1);
  });

  test('are none where the prompt takes them from corrections, or there is no model', () => {
    const { changes, notes } = proposedFor({ corrections: docking, shots: { from: 'corrections' } });
    expect(changes.filter(({ kind }) => kind === 'example')).toEqual([]);
    expect(notes).toEqual(['prompts/triage.yaml takes its examples from corrections by itself: none is added']);
    expect(changesOf('example', { corrections: docking, playbook: { prompts: {} } })).toEqual([]);
  });

  test('are short, on one line, without anything private, and their placeholders count from 1', () => {
    const corrections = docking.map(({ summary }, index) => ({
      summary: `${summary} at Zebedee Quackenbush ${'very '.repeat(60)}`,
      text: `Hi team,\n\nzq${index}@acme.example said:\tdocking station ${index} is off. ${'More of it. '.repeat(400)}`,
    }));
    const changes = changesOf('example', { corrections, people: ['Zebedee Quackenbush'] });
    const shots = shotsIn(changes.reduce((text, { apply }) => apply(text), PROMPT)).slice(1);
    expect(shots).toHaveLength(2);
    for (const { summary, text } of shots) {
      expect(summary.length).toBeLessThanOrEqual(121);
      expect(text.length).toBeLessThan(500);
      expect(`${summary}${text}`).not.toMatch(/[\n\t]|quackenbush|zebedee|acme/i);
      expect(summary).toContain('[PERSON_1]');
      expect(text).toContain('[EMAIL_1]');
    }
  });

  test('are none of tickets in which nothing is left', () => {
    const corrections = Array.from({ length: 6 }, (_, index) => ({
      summary: `zq${index}@acme.example`,
      text: `${index}`,
    }));
    expect(changesOf('example', { corrections })).toEqual([]);
  });
});
