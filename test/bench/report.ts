import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Figures of one run: a line each for people, then one JSON line for machines. */
export function report(name: string, figures: Readonly<Record<string, number | string>>): void {
  for (const [figure, value] of Object.entries(figures)) process.stdout.write(`${figure.padEnd(28)} ${value}\n`);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  process.stdout.write(`${JSON.stringify({ bench: name, machine, ...figures })}\n`);
}

/** The value below which this share of the samples lies; samples need not be sorted. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

/** Resident memory of a process in MB, now and at its highest (Linux only). */
export function residentMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (key: string) => Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/** Processor time a process has used so far, in microseconds (Linux only; the kernel counts in hundredths of a second). */
export function cpuMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** A Markdown table: a row per record, its columns named by the keys of the first. */
export function table(title: string, rows: readonly Readonly<Record<string, number | string>>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly (number | string)[]) => `| ${cells.join(' | ')} |\n`;
  process.stdout.write(`\n${title}\n\n${line(columns)}${line(columns.map(() => '---'))}`);
  for (const row of rows) process.stdout.write(line(columns.map((column) => row[column] ?? '')));
  process.stdout.write('\n');
}
