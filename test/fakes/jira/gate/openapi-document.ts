import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../json.ts';
import { isRecord, listIn, recordIn, textIn } from '../json.ts';

const FILES = ['jira-platform-v3.2026-06-10.json', 'jira-service-management.2025-09-17.json'];

/** One documented operation. */
export interface Operation {
  readonly name: string;
  readonly segments: readonly string[];
  readonly method: string;
  readonly query: readonly Json[];
  readonly body: { readonly required: boolean; readonly schema: Json } | undefined;
  readonly schemas: Json;
}

/** Where the shared material lies, or undefined when this machine has none. */
export function sharedFolder(): string | undefined {
  const folder = process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../../../shared');
  return existsSync(folder) ? folder : undefined;
}

let remembered: readonly Operation[] | undefined;

/** Every operation Atlassian documents; read once, for it takes a moment. Empty when the files are absent. */
export function documentedOperations(): readonly Operation[] {
  remembered ??= documents().flatMap((file) => operationsOf(JSON.parse(readFileSync(file, 'utf8'))));
  return remembered;
}

function documents(): string[] {
  const folder = sharedFolder();
  if (folder === undefined) return [];
  return FILES.map((file) => join(folder, 'data/openapi', file)).filter((file) => existsSync(file));
}

function operationsOf(document: unknown): Operation[] {
  if (!isRecord(document)) return [];
  const schemas = recordIn(recordIn(document, 'components'), 'schemas');
  return Object.entries(recordIn(document, 'paths')).flatMap(([path, item]) =>
    Object.entries(isRecord(item) ? item : {})
      .filter(([method]) => ['get', 'put', 'post', 'delete', 'patch'].includes(method))
      .map(([method, operation]) => operationOf({ path, method, operation, schemas })),
  );
}

function operationOf(found: { path: string; method: string; operation: unknown; schemas: Json }): Operation {
  const operation = isRecord(found.operation) ? found.operation : {};
  const parameters = listIn(operation, 'parameters').filter(isRecord);
  return {
    name: `${found.method.toUpperCase()} ${found.path}`,
    segments: found.path.split('/'),
    method: found.method.toUpperCase(),
    query: parameters.filter((parameter) => textIn(parameter, 'in') === 'query'),
    body: bodyOf(operation),
    schemas: found.schemas,
  };
}

function bodyOf(operation: Json): Operation['body'] {
  if (!isRecord(operation['requestBody'])) return undefined;
  const required = operation['requestBody']['required'] === true;
  const schema = recordIn(recordIn(recordIn(operation['requestBody'], 'content'), 'application/json'), 'schema');
  return { required, schema };
}
