/** An answer other than 200, as the server gives it. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const notFound = (name: string) => new Refusal(404, `Not found: Collection \`${name}\` doesn't exist!`);
export const wrongInput = (message: string) => new Refusal(400, `Wrong input: ${message}`);

/** What the real server can do and this one cannot: a test must not go on as if it had. */
export const notHere = (what: string) => new Refusal(501, `the stand-in does not know ${what}`);
