import type { Profile } from './profiles.ts';
import type { EndpointName } from './troubles/troubles.ts';

export interface Place {
  readonly endpoint: EndpointName | 'models' | 'model';
  /** Azure's deployment, or the model that was asked about. */
  readonly name: string | null;
  /** Azure's older paths, one per deployment. */
  readonly isDeployment: boolean;
}

const DEPLOYMENT = /^\/openai\/deployments\/([^/]+)\/(chat\/completions|embeddings)$/;
const ENDPOINTS = new Map<string, EndpointName>([
  ['chat/completions', 'chat'],
  ['embeddings', 'embeddings'],
]);

/** What a path leads to; null where this kind of server has nothing. */
export function placeOf({ base, name }: Profile, method: string, url: URL): Place | null {
  const path = url.pathname;
  if (method === 'POST') {
    const endpoint = ENDPOINTS.get(path.startsWith(`${base}/`) ? path.slice(base.length + 1) : '');
    if (endpoint) return { endpoint, name: null, isDeployment: false };
    const [, deployment, rest = ''] = (name === 'azure' ? DEPLOYMENT.exec(path) : null) ?? [];
    const known = ENDPOINTS.get(rest);
    // Without a version Azure does not know its own paths.
    if (!known || deployment === undefined || !url.searchParams.has('api-version')) return null;
    return { endpoint: known, name: decodeURIComponent(deployment), isDeployment: true };
  }
  if (method !== 'GET') return null;
  if (path === `${base}/models`) return { endpoint: 'models', name: null, isDeployment: false };
  if (!path.startsWith(`${base}/models/`)) return null;
  return { endpoint: 'model', name: decodeURIComponent(path.slice(base.length + 8)), isDeployment: false };
}
