import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Question } from '../../../../src/domain/decision/question.ts';
import type { Playbook } from '../../../../src/domain/playbook/playbook.ts';
import { CJK, cleanText } from '../../../../src/domain/ticket/text.ts';
import type { LoggedRequest } from '../../../fakes/model/log.ts';

const Body = z.looseObject({ messages: z.array(z.object({ role: z.string(), content: z.string() })) });

/** One question as it left: what stands between the marks of quoted material, and what does not. */
export interface Sent {
  readonly system: string;
  readonly outside: string;
  readonly blocks: readonly { readonly mark: string; readonly text: string }[];
}

const BLOCK = /<data ([0-9a-f]{12})>\n([\s\S]*?)\n<\/data \1>/g;

/** As a server got it. */
export function sentIn({ body }: Pick<LoggedRequest, 'body'>): Sent {
  const { messages } = Body.parse(body);
  const said = (role: string) => messages.filter((one) => one.role === role).map(({ content }) => content);
  return sentOf({ system: said('system').join('\n'), user: said('user').join('\n') });
}

/** As it was handed over to be sent. */
export function sentOf({ system, user }: Pick<Question, 'system' | 'user'>): Sent {
  const blocks = [...user.matchAll(BLOCK)].map(([, mark = '', text = '']) => ({ mark, text }));
  return { system, outside: user.replace(BLOCK, '\n'), blocks };
}

/** Everything wrong with how a question shows what people wrote, each as a sentence. */
export function faultsIn(sent: Sent, playbook: Playbook): string[] {
  const { system, outside, blocks } = sent;
  const own = playbook.prompts.triage?.system.trim();
  return [
    ...(system === own ? [] : ['the system message is not the one of the prompt file']),
    ...(blocks.length > 0 ? [] : ['nothing is marked as quoted']),
    ...(/<\s*\/?\s*data/i.test(outside) ? ['a delimiter stands by itself'] : []),
    ...blocks.flatMap(({ mark, text }) => [
      ...(fingerprint(text) === mark ? [] : [`a block's mark ${mark} is not its fingerprint`]),
      ...(/<\s*\/?\s*data/i.test(text) ? ['a delimiter stands inside of a block'] : []),
    ]),
  ];
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Runs of words, or of characters where a script has no spaces, long enough not to be there by chance. */
export function gramsOf(text: string, words = 4, characters = 6): ReadonlySet<string> {
  const grams = new Set<string>();
  const tokens =
    cleanText(text)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  for (const index of tokens.keys())
    if (index + words <= tokens.length) grams.add(tokens.slice(index, index + words).join(' '));
  for (const token of tokens.filter((one) => CJK.test(one)))
    for (let at = 0; at + characters <= token.length; at += 1) grams.add(token.slice(at, at + characters));
  return grams;
}

/** What of a text stands in any of the others. */
export function commonGrams(text: string, others: readonly string[]): string[] {
  const known = gramsOf(text);
  return others.flatMap((other) => [...gramsOf(other)].filter((gram) => known.has(gram)));
}
