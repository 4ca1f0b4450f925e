import { describe, expect, test } from 'vitest';
import { accepts } from '../../fakes/model/chat/grammar/accept.ts';
import { parseGrammar } from '../../fakes/model/chat/grammar/parse.ts';
import { clientFor, failureOf, freely, TRIAGE_PROMPT } from '../../fakes/model/probe/caller.ts';
import { startModelServer } from '../../fakes/model/server.ts';

const GRAMMAR = String.raw`# one object
root ::= "{" "\"evidence\": " refs ", " "\"rationale\": " text ", " "\"category\": " ("\"vpn\"" | "\"打印机\"") "}"
refs ::= "[" ( ref ( ", " ref )* )? "]"
ref ::= "\"E1\"" | "\"E2\""
text ::= "\"" char{0,40} "\""
char ::= [^"\\\x00-\x1f]`;

const sentence = (grammar: string, text: string) => accepts(parseGrammar(grammar), text);

describe('a grammar', () => {
  test('accepts its own sentences and no others', () => {
    expect(sentence(GRAMMAR, '{"evidence": ["E1", "E2"], "rationale": "so", "category": "打印机"}')).toBe(true);
    expect(sentence(GRAMMAR, '{"evidence": [], "rationale": "", "category": "vpn"}')).toBe(true);
    expect(sentence(GRAMMAR, '{"evidence": [],"rationale": "", "category": "vpn"}')).toBe(false);
    expect(sentence(GRAMMAR, `{"evidence": [], "rationale": "${'a'.repeat(41)}", "category": "vpn"}`)).toBe(false);
    expect(sentence(GRAMMAR, '{"evidence": [], "rationale": "a\nb", "category": "vpn"}')).toBe(false);
  });

  test.each([
    ['root ::= [a-c]+ "x"? .', ['aax!', 'b!', 'cx'], ['x!', 'd!', '']],
    ['root ::= ("a" |\n "b"){2}', ['ab', 'bb'], ['a', 'aba']],
    ['root ::= "a"{2,} # many\n', ['aa', 'aaaa'], ['a']],
    [String.raw`root ::= "\u4e2d" [\x41-\x43] "\n"`, ['中B\n'], ['中D\n']],
  ])('accepts what it says: %s', (grammar, yes, no) => {
    expect(yes.map((text) => sentence(grammar, text))).toEqual(yes.map(() => true));
    expect(no.map((text) => sentence(grammar, text))).toEqual(no.map(() => false));
  });

  test.each([
    'root ::= other',
    'root ::= "a',
    'root ::= [a',
    'top ::= "a"',
    'root ::= ("a"',
    String.raw`root ::= "\q"`,
    'ro_ot ::= "a"',
    'root := "a"',
  ])('is refused when it is none: %s', async (grammar) => {
    await using server = await startModelServer({ profile: 'llamacpp' });
    const error = await failureOf(clientFor(server).post('/chat/completions', { body: { ...freely('x'), grammar } }));
    expect([error.status, error.message]).toEqual([400, expect.stringContaining('Failed to parse grammar')]);
  });

  test('is kept to by the model that it is given to', async () => {
    const brain = () => ({
      category: 'printing',
      rationale: 'He said "no"\nand left \\ 走了',
      evidence: ['E2', 'E9'],
      more: true,
    });
    await using server = await startModelServer({ profile: 'llamacpp', brain });
    const { choices } = await clientFor(server).chat.completions.create({
      ...freely(TRIAGE_PROMPT),
      logprobs: true,
      ...{ grammar: GRAMMAR },
    });
    const content = choices[0]?.message.content ?? '';
    expect(content).toBe('{"evidence": ["E2"], "rationale": "He said noand left  走了", "category": "vpn"}');
    expect(choices[0]?.logprobs?.content?.map(({ token }) => token).join('')).toBe(content);
  });

  test('tells the reader what it may choose from', async () => {
    await using server = await startModelServer({ profile: 'llamacpp' });
    const body = { ...freely('[E1] 卡纸 → category: 打印机\n[E2] x → category: mail'), grammar: GRAMMAR };
    const { choices } = await clientFor(server).chat.completions.create(body);
    expect(JSON.parse(choices[0]?.message.content ?? '')).toMatchObject({ category: '打印机', evidence: ['E1'] });
  });

  test('of another form is said not to be simulated', async () => {
    await using server = await startModelServer({ profile: 'llamacpp' });
    const body = { ...freely('x'), grammar: 'root ::= "yes" | "no"' };
    expect(await failureOf(clientFor(server).post('/chat/completions', { body }))).toMatchObject({ status: 501 });
  });

  test('is checked quickly against a hostile text', () => {
    const rules = parseGrammar('root ::= ([a]* [a]*)* "b"');
    const start = performance.now();
    expect(accepts(rules, 'a'.repeat(1_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
