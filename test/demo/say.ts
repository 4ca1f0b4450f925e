/** One line of what the demo is doing. */
export function say(line: string): void {
  process.stdout.write(`► ${line}\n`);
}
