import {
  BrokenCircuitError,
  bulkhead,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleType,
  type IPolicy,
  type IRetryBackoffContext,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import type { EndpointName, Question, Reply } from '../../domain/decision/question.ts';
import { TransientError } from '../../domain/errors.ts';
import type { EndpointSettings } from '../../domain/playbook/model.ts';
import type { Model } from '../../domain/ports/model.ts';
import { type Chat, EndpointFault, openChat } from './chat.ts';

/** One question and how it ended. */
export interface ModelCall {
  readonly result: 'replied' | 'failed';
  readonly ms: number;
}

export interface ModelAccess {
  readonly endpoint: EndpointName;
  /** Any OpenAI-compatible server; undefined means api.openai.com. */
  readonly baseUrl: string | undefined;
  readonly apiKey: string;
  readonly model: string;
  readonly settings: EndpointSettings;
  /** Hears how every question ended, for metrics and traces. */
  readonly observe?: (call: ModelCall) => void;
  /** Hears when the endpoint is left alone after several faults in a row, and when it is asked again. */
  readonly onBreaker?: (isOpen: boolean) => void;
}

/**
 * A model behind an OpenAI-compatible endpoint. At most so many requests are under way at once; passing faults are tried
 * again with jitter, or when the server says; after several faults in a row nothing is asked for a while. Whatever
 * happens, a question is given up after its time-out.
 */
export function openaiModel({
  endpoint,
  model,
  settings,
  observe = () => {},
  onBreaker,
  ...access
}: ModelAccess): Model {
  const chat = openChat({ ...access, model, profile: settings.profile });
  const guard = guardOf(settings, onBreaker);
  return {
    endpoint,
    model,
    complete: async (question) => {
      const startedAt = performance.now();
      const told = (result: 'replied' | 'failed') => observe({ result, ms: performance.now() - startedAt });
      try {
        const reply = await patiently(question, { chat, guard });
        told('replied');
        return reply;
      } catch (error) {
        told('failed');
        throw inOurWords(error, question);
      }
    },
  };
}

interface Guarded {
  readonly chat: Chat;
  readonly guard: IPolicy;
}

/** Waits first when the server has asked for a pause, if the question has the time. */
async function patiently(question: Question, { chat, guard }: Guarded): Promise<Reply> {
  const { timeoutMs } = question.generation;
  const pauseMs = chat.pauseMs();
  if (pauseMs >= timeoutMs) throw new TransientError(`it asked to be left alone for ${inSeconds(pauseMs)} s more`);
  const policy = wrap(timeout(timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: true }), guard);
  return policy.execute(({ signal }) => chat.complete(question, signal));
}

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 8_000;

function guardOf({ concurrency, retries, breaker }: EndpointSettings, onBreaker?: ModelAccess['onBreaker']): IPolicy {
  const faults = handleType(EndpointFault);
  const passing = handleType(EndpointFault, ({ retryAfterMs }) => retryAfterMs !== 'never');
  const circuit = circuitBreaker(faults, {
    halfOpenAfter: breaker.seconds * 1000,
    breaker: new ConsecutiveBreaker(breaker.faults),
  });
  if (onBreaker) circuit.onStateChange((state) => onBreaker(state === CircuitState.Open));
  return wrap(
    bulkhead(concurrency, Number.POSITIVE_INFINITY),
    retry(passing, { maxAttempts: retries, backoff: backoff() }),
    circuit,
  );
}

/** As long as the server says; else exponential with jitter, so that replicas do not come back all at once. */
function backoff(): DelegateBackoff<IRetryBackoffContext<unknown>> {
  return new DelegateBackoff(({ attempt, result }: IRetryBackoffContext<unknown>) => {
    const error = 'error' in result ? result.error : null;
    if (error instanceof EndpointFault && typeof error.retryAfterMs === 'number') return error.retryAfterMs;
    return Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS) * (0.5 + Math.random() / 2);
  });
}

function inOurWords(error: unknown, { generation }: Question): unknown {
  if (error instanceof EndpointFault) return new TransientError(error.message);
  if (error instanceof TaskCancelledError)
    return new TransientError(`no answer within ${inSeconds(generation.timeoutMs)} s`);
  if (error instanceof BrokenCircuitError) return new TransientError('left alone after several faults in a row');
  return error;
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 10_000 ? 1 : 0).replace('.0', '');
}
