import type { KubernetesObject } from '../../cluster.js';
import { ApiError, badRequest, invalidValue, notFound } from '../api-error.js';
import { at, isObject, listAt, numberAt, textAt, type JsonObject } from '../json.js';
import { typeOf } from '../resource-types.js';
import { timestamp, type Api } from '../write-object.js';
import type { ServiceAccountTokens } from './service-account-tokens.js';

const DEFAULT_SECONDS = 3_600;
const LEAST_SECONDS = 600;

/** POST …/serviceaccounts/{name}/token: a TokenRequest with its token. @throws ApiError */
export async function requestToken(
  api: Api,
  tokens: ServiceAccountTokens,
  namespace: string,
  name: string,
  body: unknown,
): Promise<JsonObject> {
  const account = api.objects.get(typeOf('ServiceAccount'), namespace, name);
  if (!account) throw notFound(typeOf('ServiceAccount'), name);
  const given = isObject(body) && isObject(body['spec']) ? body['spec'] : {};
  const audiences = listAt(given, 'audiences').map(String);
  const seconds = numberAt(given, 'expirationSeconds') ?? DEFAULT_SECONDS;
  if (seconds < LEAST_SECONDS) throw tooShort(seconds);
  const spec = { audiences: audiences.length > 0 ? audiences : [tokens.issuer], expirationSeconds: seconds };
  const bound = boundObject(api, namespace, name, given['boundObjectRef']);
  const token = await tokens.issue(account, spec.audiences, seconds, bound);
  const expirationTimestamp = new Date(api.clock.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(api) },
    spec: { ...spec, boundObjectRef: given['boundObjectRef'] ?? null },
    status: { token, expirationTimestamp },
  };
}

function boundObject(api: Api, namespace: string, account: string, reference: unknown) {
  if (!isObject(reference)) return undefined;
  const kind = textAt(reference, 'kind') ?? '';
  if (kind !== 'Pod' && kind !== 'Secret') throw badRequest(`cannot bind token to object of type ${textAt(reference, 'apiVersion')}, Kind=${kind}`);
  const object: KubernetesObject | undefined = api.objects.get(typeOf(kind), namespace, textAt(reference, 'name') ?? '');
  if (!object) throw notFound(typeOf(kind), textAt(reference, 'name') ?? '');
  if (kind === 'Pod' && at(object, 'spec', 'serviceAccountName') !== account) {
    throw badRequest(`cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`);
  }
  return { kind, object } as const;
}

function tooShort(seconds: number): ApiError {
  const cause = invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes');
  const details = { group: 'authentication.k8s.io', kind: 'TokenRequest', causes: [cause] };
  return new ApiError(422, 'Invalid', `TokenRequest.authentication.k8s.io "" is invalid: ${cause.field}: ${cause.message}`, details);
}
