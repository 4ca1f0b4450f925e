import type { Fault } from './fault.ts';

/** The form each kind of server gives its errors. */
export function openaiError({ message, type, param, code, more }: Fault): unknown {
  return {
    error: { message, type: type ?? 'invalid_request_error', param: param ?? null, code: code ?? null, ...more },
  };
}

/** Azure's gateway, in front of OpenAI's own checks, answers in a shorter form. */
export function azureError(fault: Fault): unknown {
  const byGateway = fault.status === 401 || fault.status === 404 || fault.status === 429;
  if (!byGateway) return openaiError(fault);
  return { error: { code: fault.code ?? String(fault.status), message: fault.message } };
}

const ANTHROPIC_TYPES = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [529, 'overloaded_error'],
]);

export function anthropicError({ status, message }: Fault): unknown {
  const type = ANTHROPIC_TYPES.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { error: { code: type, message, type, param: null } };
}

const VLLM_TYPES = new Map([
  [400, 'BadRequestError'],
  [401, 'Unauthorized'],
  [404, 'NotFoundError'],
  [500, 'InternalServerError'],
]);

export function vllmError({ status, message, param }: Fault): unknown {
  const type = VLLM_TYPES.get(status) ?? 'InternalServerError';
  return { error: { message, type, param: param ?? null, code: status } };
}

export function ollamaError({ status, message }: Fault): unknown {
  const type = status === 404 ? 'not_found_error' : status >= 500 ? 'api_error' : 'invalid_request_error';
  return { error: { message, type, param: null, code: null } };
}

export function llamacppError({ status, message, type, more }: Fault): unknown {
  const kind = status >= 500 ? 'server_error' : (type ?? 'invalid_request_error');
  return { error: { code: status, message, type: kind, ...more } };
}

/** Small servers made with a web framework: no `error` at all. */
export function detailError({ message }: Fault): unknown {
  return { detail: message };
}
