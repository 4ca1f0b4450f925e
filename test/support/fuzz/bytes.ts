import fc from 'fast-check';

/** Bytes that are no UTF-8: alone, cut off, too long, half a pair, out of range. */
const BROKEN = ['ff', 'c0af', 'e28', 'edA080', 'f4908080', '80', 'efbbbf', '00'].map((hex) =>
  Buffer.from(hex.padEnd(hex.length + (hex.length % 2), '0'), 'hex'),
);
/** Members that are put first into an object, so that a key is there twice or should not be there at all. */
const MEMBERS = [
  '"__proto__":{"isAdmin":true},',
  '"constructor":{"prototype":{"isAdmin":true}},',
  '"issue":{"id":"1","key":"IT-1"},',
  '"webhookEvent":"jira:issue_created",',
  '"id":"7","id":7,',
  '"\\u0000":"\\ud800",',
  '"fields":null,',
];

type Damage = (bytes: Buffer, at: number) => Buffer;

function inserted(bytes: Buffer, at: number, more: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.integer({ min: 1, max: 255 }).map(
    (mask): Damage =>
      (bytes, at) => {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] ?? 0) ^ mask;
        return copy;
      },
  ),
  fc.constant<Damage>((bytes, at) => bytes.subarray(0, at)),
  fc.constant<Damage>((bytes, at) => bytes.subarray(at)),
  fc.constant<Damage>((bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes])),
  fc.constantFrom(...BROKEN).map(
    (broken): Damage =>
      (bytes, at) =>
        inserted(bytes, at, broken),
  ),
  fc.constantFrom(...BROKEN).map(
    (broken): Damage =>
      (bytes) =>
        inserted(bytes, 0, broken),
  ),
  fc.constantFrom(...MEMBERS).map(
    (member): Damage =>
      (bytes, at) => {
        const brace = bytes.indexOf('{', at);
        return inserted(bytes, brace < 0 ? bytes.indexOf('{') + 1 : brace + 1, Buffer.from(member));
      },
  ),
  fc.constantFrom('[', '{"a":', '"').map(
    (open): Damage =>
      (bytes, at) =>
        inserted(bytes, at, Buffer.from(open.repeat(5_000))),
  ),
);

/** One of these bodies with some of its bytes changed, cut off, or more put in. */
export function damaged(bodies: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(bodies, fc.array(fc.tuple(damage, fc.nat()), { maxLength: 3 }))
    .map(([body, damages]) =>
      damages.reduce((bytes, [harm, at]) => harm(bytes, bytes.length === 0 ? 0 : at % bytes.length), body),
    );
}
