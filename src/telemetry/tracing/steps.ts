import type { QueueTelemetry } from './queues.ts';

/** A request to another system that has just ended, with or without an answer. */
export interface Call {
  /** What was asked for, without ids or words of a ticket: `PUT /rest/api/3/issue/{}`. */
  readonly name: string;
  readonly ms: number;
  readonly facts: Facts;
  readonly hasFailed: boolean;
}

/** By the names of OpenTelemetry's conventions, or `triage.…`; never ticket text, names of people or secrets. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** One trace per ticket: from the webhook through the queues to the write in Jira. */
export interface Tracing extends AsyncDisposable {
  /** For BullMQ, which carries traces through its jobs; absent when nothing is traced. */
  readonly queues?: QueueTelemetry;
  /**
   * Does something as the first step of a trace, and tells it where the trace goes on; nothing when nothing is traced.
   * What it does in common with others belongs to none of their traces.
   */
  readonly begin: <T>(name: string, facts: Facts, act: (trace: string | undefined) => Promise<T>) => Promise<T>;
  /** Does something as the next step of a trace. */
  readonly goOn: <T>(trace: string | undefined, act: () => T) => T;
  /** Adds what has become known to the step we are in. */
  readonly note: (facts: Facts) => void;
  readonly called: (call: Call) => void;
}

/** Costs nothing. */
export const NO_TRACING: Tracing = {
  begin: (_name, _facts, act) => act(undefined),
  goOn: (_, act) => act(),
  note: () => {},
  called: () => {},
  [Symbol.asyncDispose]: async () => {},
};
