import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CorrectionDraft, DOCKING, ordinaryTickets } from '../../../support/corrections.ts';
import { pastTicketWith } from '../../../support/fixtures.ts';
import { changesOf, proposedFor, type Setting } from './support/ground.ts';
import { RULE_WORDS } from './support/words.ts';

const docking: readonly CorrectionDraft[] = DOCKING.map(([summary, text]) => ({ summary, text }));
const TAXONOMY =
  "values:\n  hardware: { description: 'Laptops, monitors' } # ours\n  network: { description: 'LAN' }\n";

function described(setting: Setting, source = TAXONOMY): string {
  const written = changesOf('description', setting).reduce((text, { apply }) => apply(text), source);
  return parse(written).values.hardware.description;
}

describe('words for a description', () => {
  test('are those of the corrected tickets that other tickets do not use, in one spelling', () => {
    expect(described({ corrections: docking })).toBe('Laptops, monitors; also: docking, station');
    const german = [
      'Beamer flackert',
      'Der BEAMER im Saal',
      'Beamer ohne Ton',
      'Unser Beamer summt',
      'Kabel am Beamer',
    ];
    expect(described({ corrections: german.map((summary) => ({ summary })) })).toBe('Laptops, monitors; also: Beamer');
    const chinese = ['投影仪闪烁', '会议室的投影仪没有声音', '投影仪太暗', '我们的投影仪很吵', '投影仪的电缆坏了'];
    const others = ['会议室的网络太慢', '我们的网络没有信号', '网络的密码', '网络很慢'].map((summary) =>
      pastTicketWith({ summary, text: '', values: { category: { value: 'network', by: 'human' } } }),
    );
    expect(
      described({ corrections: chinese.map((summary) => ({ summary })), others: [...others, ...ordinaryTickets(3)] }),
    ).toBe('Laptops, monitors; also: 投影');
  });

  test('go on from what the description says', () => {
    const extended = (text: string) =>
      described({ corrections: docking }, TAXONOMY.replace("'Laptops, monitors'", JSON.stringify(text)));
    expect(extended('')).toBe('also: docking, station');
    expect(extended('Laptops.')).toBe('Laptops. Also: docking, station');
    expect(extended('Laptops; also: mice')).toBe('Laptops; also: mice, docking, station');
    expect(extended('Laptops. Also: docking')).toBe('Laptops. Also: docking, station');
  });

  test('name the tickets they come from, and stay within six', () => {
    const many = docking.map((draft) => ({
      ...draft,
      text: 'alpha bravo charlie delta echoes foxtrot golfing hotels',
    }));
    const [change] = changesOf('description', { corrections: many });
    expect(change?.what.split(', ')).toHaveLength(6);
    expect(change?.keys).toHaveLength(7);
  });

  test('are none that everybody uses, that few use, or that are there already', () => {
    const polite = ordinaryTickets(3).map((ticket) => ({ ...ticket, summary: `Please help me: ${ticket.summary}` }));
    const everybody = RULE_WORDS.map((text, index) => ({ summary: `Please help me ${'abcdefg'[index]}`, text }));
    expect(described({ corrections: everybody, others: polite })).toBe('Laptops, monitors');
    const known = TAXONOMY.replace('Laptops, monitors', 'Docking stations');
    const taxonomies = { category: ['hardware', 'network'] };
    const setting = { corrections: docking, playbook: { taxonomies } };
    expect(described(setting, known)).toBe('Docking stations');
  });

  test('of two mistakes with one right value come one after the other, none twice', () => {
    const scanners = [
      'Scanner jams',
      'The scanner is grey',
      'Scanner to mail',
      'Our scanner hums',
      'Lid of the scanner',
    ];
    const corrections = [
      ...docking,
      ...scanners.map((summary) => ({ summary, ours: 'email' })),
      ...docking.map(({ summary, text }, index) => ({ summary, text: `${text} ${index} noted here`, ours: 'access' })),
    ];
    expect(
      described({ corrections })
        .match(/docking|station|scanner/gi)
        ?.toSorted(),
    ).toEqual(['docking', 'scanner', 'station']);
  });

  test('hold no name, no number and nothing that was redacted', () => {
    const corrections = docking.map(({ summary }, index) => ({
      summary: `${summary} ${index}`,
      text: 'Zebedee Quackenbush called, badge 4711-0815, token AKIAIOSFODNN7EXAMPLE, mail zq@acme.example, code X12345',
    }));
    const { changes } = proposedFor({ corrections, people: ['Zebedee Quackenbush'] });
    expect(JSON.stringify(changes.map(({ what }) => what))).not.toMatch(/quackenbush|zebedee|4711|akia|acme|12345/i);
  });

  test('have no place where people chose a value that the taxonomy does not know', () => {
    const setting = { corrections: docking, playbook: { taxonomies: { category: ['network'] } } };
    expect(changesOf('description', setting)).toEqual([]);
    expect(proposedFor(setting).notes).toEqual([
      'category network → hardware: hardware is not in taxonomies/category.yaml; add it there, or we never choose it',
    ]);
  });

  test('hostile values and texts do not trip it', () => {
    const long = 'docking '.repeat(15_000);
    const corrections = docking.map((draft) => ({ ...draft, text: `${draft.text}\n${long}`, theirs: '__proto__' }));
    expect(changesOf('description', { corrections, others: ordinaryTickets(1) })).toEqual([]);
  });
});
