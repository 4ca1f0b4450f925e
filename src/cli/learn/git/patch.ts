/** A message and diffs as one mail, for `git apply` and `git am`. */
export function patchText(
  diffs: readonly string[],
  { message, author, at }: { readonly message: string; readonly author: string; readonly at: Date },
): string {
  const [subject = '', , ...body] = message.split('\n');
  const head = [
    `From ${'0'.repeat(40)} Mon Sep 17 00:00:00 2001`,
    `From: ${author}`,
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    'Content-Transfer-Encoding: 8bit',
    `Subject: [PATCH] ${subject}`,
    '',
  ];
  return `${[...head, ...body].join('\n')}\n---\n\n${diffs.join('')}`;
}
