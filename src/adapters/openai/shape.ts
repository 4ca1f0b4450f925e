import type { AnswerField } from '../../domain/decision/question.ts';

/** The answer's shape as a JSON Schema that `strict` modes take: everything required, nothing else allowed. */
export function jsonSchemaOf(fields: readonly AnswerField[]): Record<string, unknown> {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
    required: fields.map(({ name }) => name),
    additionalProperties: false,
  };
}

function propertyOf(field: AnswerField): Record<string, unknown> {
  switch (field.kind) {
    case 'choice':
      return { type: 'string', enum: [...field.values] };
    case 'choices':
      return { type: 'array', items: { type: 'string', enum: [...field.values] } };
    case 'text':
      return { type: 'string', description: `at most ${field.maxLength} characters` };
    default:
      return field satisfies never;
  }
}

/** The shape as a GBNF grammar (llama.cpp, `grammars/README.md`): nothing else can be generated. */
export function grammarOf(fields: readonly AnswerField[]): string {
  const members = fields.map(({ name }, index) => `${literal(`${JSON.stringify(name)}: `)} field${index}`);
  return [
    `root ::= "{" ${members.join(' ", " ')} "}"`,
    ...fields.map((field, index) => `field${index} ::= ${ruleOf(field)}`),
    'char ::= [^"\\\\\\x00-\\x1f]',
  ].join('\n');
}

function ruleOf(field: AnswerField): string {
  switch (field.kind) {
    case 'choice':
      return alternatives(field.values);
    case 'choices':
      return `"[" ( (${alternatives(field.values)}) ( ", " (${alternatives(field.values)}) )* )? "]"`;
    case 'text':
      return `"\\"" char{0,${field.maxLength}} "\\""`;
    default:
      return field satisfies never;
  }
}

function alternatives(values: readonly string[]): string {
  return values.map((value) => literal(JSON.stringify(value))).join(' | ');
}

function literal(text: string): string {
  return JSON.stringify(text);
}

/** The shape in words, for servers that cannot be made to keep to one. */
export function shapeInWords(fields: readonly AnswerField[]): string {
  const lines = fields.map((field) => {
    if (field.kind === 'text') return `- ${field.name}: a text of at most ${field.maxLength} characters`;
    const values = field.values.map((value) => JSON.stringify(value)).join(', ');
    return `- ${field.name}: ${field.kind === 'choice' ? 'one of' : 'an array of any of'} ${values}`;
  });
  return `Answer with one JSON object and nothing else. It has exactly these fields, in this order:\n${lines.join('\n')}`;
}
