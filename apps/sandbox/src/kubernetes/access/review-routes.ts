import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError, badRequest } from '../api-error.js';
import { at, isObject, listAt, textAt, type JsonObject } from '../json.js';
import type { Api } from '../write-object.js';
import { authorize, type Attributes, rulesFor } from './authorize.js';
import { userOf } from './door.js';
import { REVIEW_TYPES } from './review-types.js';
import type { ServiceAccountTokens } from './service-account-tokens.js';
import { ADMINISTRATOR, type User } from './user.js';

interface Reviewer {
  api: Api;
  tokens: ServiceAccountTokens;
  adminToken: string;
}

type Review = (by: Reviewer, spec: JsonObject, request: FastifyRequest) => Promise<JsonObject> | JsonObject;

const REVIEWS: Record<string, Review> = {
  TokenReview: reviewToken,
  SelfSubjectReview: (_by, _spec, request) => ({ userInfo: userInfo(userOf(request)) }),
  SelfSubjectAccessReview: ({ api }, spec, request) => access(api, userOf(request), spec),
  SelfSubjectRulesReview: reviewRules,
  SubjectAccessReview: ({ api }, spec) => access(api, subjectOf(spec), spec),
  LocalSubjectAccessReview: ({ api }, spec) => access(api, subjectOf(spec), spec),
};

/** Questions about who somebody is and what they may do, answered by what the door goes by. */
export function reviewRoutes(app: FastifyInstance, by: Reviewer): void {
  for (const { group, version, kind, plural, namespaced } of REVIEW_TYPES) {
    const path = `/apis/${group}/${version}${namespaced ? '/namespaces/:namespace' : ''}/${plural}`;
    app.post(path, async (request, reply) => {
      const sent = isObject(request.body) ? request.body : {};
      if (sent['kind'] !== undefined && sent['kind'] !== kind) {
        throw badRequest(`${textAt(sent, 'kind')} in version "${version}" cannot be handled as a ${kind}`);
      }
      const spec = isObject(sent['spec']) ? sent['spec'] : {};
      const review = { metadata: { creationTimestamp: null }, ...sent, kind, apiVersion: `${group}/${version}`, spec };
      return reply.code(201).send({ ...review, status: await REVIEWS[kind]?.(by, spec, request) });
    });
  }
}

async function reviewToken({ tokens, adminToken }: Reviewer, spec: JsonObject): Promise<JsonObject> {
  const token = textAt(spec, 'token') ?? '';
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = listAt(spec, 'audiences').map(String);
  const wanted = asked.length > 0 ? asked : [tokens.issuer];
  if (token === adminToken && wanted.includes(tokens.issuer)) return { authenticated: true, user: userInfo(ADMINISTRATOR), audiences: [tokens.issuer] };
  const verified = await tokens.verify(token, wanted);
  if (verified) return { authenticated: true, user: userInfo(verified.user), audiences: verified.audiences };
  return { user: {}, error: '[invalid bearer token, service account token has been invalidated]' };
}

function reviewRules({ api }: Reviewer, spec: JsonObject, request: FastifyRequest): JsonObject {
  const namespace = textAt(spec, 'namespace') ?? '';
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = rulesFor(api, userOf(request), namespace);
  const filled = (values: string[] | undefined, name: string) => (values?.length ? { [name]: values } : {});
  return {
    resourceRules: rules
      .filter(({ resources }) => resources?.length)
      .map((rule) => ({
        verbs: rule.verbs ?? [],
        apiGroups: rule.apiGroups ?? [],
        resources: rule.resources ?? [],
        ...filled(rule.resourceNames, 'resourceNames'),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
      .map((rule) => ({ verbs: rule.verbs ?? [], nonResourceURLs: rule.nonResourceURLs ?? [] })),
    incomplete: false,
  };
}

function access(api: Api, user: User, spec: JsonObject): JsonObject {
  const { allowed, reason } = authorize(api, user, attributesOf(spec));
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

/** @throws ApiError 422 */
function attributesOf(spec: JsonObject): Attributes {
  const resource = spec['resourceAttributes'];
  const path = spec['nonResourceAttributes'];
  if (isObject(resource) === isObject(path)) {
    const what = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    throw new ApiError(422, 'Invalid', ` "" is invalid: spec.resourceAttributes: Invalid value: ${JSON.stringify(resource ?? null)}: ${what}`);
  }
  if (isObject(path)) return { verb: textAt(path, 'verb') ?? '', path: textAt(path, 'path') ?? '' };
  const text = (name: string) => textAt(resource, name) ?? '';
  return {
    verb: text('verb'),
    group: text('group'),
    version: text('version'),
    resource: text('resource'),
    subresource: text('subresource'),
    namespace: text('namespace'),
    name: text('name'),
  };
}

function subjectOf(spec: JsonObject): User {
  const uid = textAt(spec, 'uid');
  return { name: textAt(spec, 'user') ?? '', groups: listAt(spec, 'groups').map(String), ...(uid === undefined ? {} : { uid }) };
}

function userInfo({ name, uid, groups, extra }: User): JsonObject {
  return { username: name, ...(uid === undefined ? {} : { uid }), groups, ...(at(extra) === undefined ? {} : { extra: extra ?? {} }) };
}
