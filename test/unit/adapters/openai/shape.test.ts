import { describe, expect, test } from 'vitest';
import { requestFor, TRAITS } from '../../../../src/adapters/openai/profiles.ts';
import { grammarOf, jsonSchemaOf, shapeInWords } from '../../../../src/adapters/openai/shape.ts';
import { questionWith } from '../../../support/model.ts';

const fields = [
  { name: 'evidence', kind: 'choices' as const, values: ['E1', 'E2'] },
  { name: 'rationale', kind: 'text' as const, maxLength: 300 },
  { name: 'category', kind: 'choice' as const, values: ['vpn', 'say "hi"'] },
];

describe('the shape of an answer', () => {
  test('as JSON Schema has every field required and nothing else allowed', () => {
    expect(jsonSchemaOf(fields)).toEqual({
      type: 'object',
      properties: {
        evidence: { type: 'array', items: { type: 'string', enum: ['E1', 'E2'] } },
        rationale: { type: 'string', description: 'at most 300 characters' },
        category: { type: 'string', enum: ['vpn', 'say "hi"'] },
      },
      required: ['evidence', 'rationale', 'category'],
      additionalProperties: false,
    });
  });

  test('as a grammar lists the values, quoted twice', () => {
    const grammar = grammarOf(fields);
    expect(grammar).toContain('field2 ::= "\\"vpn\\"" | "\\"say \\\\\\"hi\\\\\\"\\""');
    expect(grammar).toMatch(/^root ::= "\{" "\\"evidence\\": " field0 ", " /);
  });

  test('in words names every value', () => {
    expect(shapeInWords(fields)).toContain('- category: one of "vpn", "say \\"hi\\""');
  });
});

describe('a request', () => {
  const question = questionWith();
  const keys = (profile: keyof typeof TRAITS) => Object.keys(requestFor(question, 'mini', TRAITS[profile])).sort();

  test.each([
    ['openai', ['logprobs', 'max_completion_tokens', 'messages', 'model', 'response_format', 'seed', 'temperature']],
    ['anthropic', ['max_tokens', 'messages', 'model', 'temperature', 'tool_choice', 'tools']],
    ['ollama', ['max_tokens', 'messages', 'model', 'response_format', 'seed', 'temperature']],
    ['llamacpp', ['grammar', 'logprobs', 'max_tokens', 'messages', 'model', 'seed', 'temperature']],
    ['plain', ['max_tokens', 'messages', 'model', 'temperature']],
  ] as const)('in the dialect of %s says %j', (profile, expected) => {
    expect(keys(profile)).toEqual(expected);
  });

  test('leaves out what the prompt leaves to the model, and adds what it adds', () => {
    const generation = {
      ...question.generation,
      temperature: null,
      seed: null,
      extra: { reasoning_effort: 'minimal' },
    };
    const request = requestFor({ ...question, generation }, 'mini', TRAITS.openai);
    expect(request).toMatchObject({ reasoning_effort: 'minimal' });
    expect(Object.keys(request)).not.toContain('temperature');
    expect(Object.keys(request)).not.toContain('seed');
  });

  test('tells the shape in words where a server cannot be made to keep to it', () => {
    expect(requestFor(question, 'mini', TRAITS.plain).messages[0]?.content).toContain('one JSON object');
    expect(requestFor(question, 'mini', TRAITS.openai).messages[0]?.content).toBe(question.system);
  });
});
