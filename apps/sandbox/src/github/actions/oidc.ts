import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { calculateJwkThumbprint, exportJWK, exportPKCS8, generateKeyPair, importPKCS8, SignJWT, type CryptoKey, type JWK } from 'jose';
import { credentialOf, findPrincipal } from '../access/authenticate.js';
import type { GitHubApp } from '../access/github-app.js';
import type { Collection } from '../../core/store.js';
import { GitHubError } from '../errors.js';
import type { Repository } from '../model.js';
import type { RepositoryPlace } from '../rest.js';
import { keyIn, type World } from '../world.js';
import { claimsOf, type SubjectTemplate } from './oidc-claims.js';
import type { Runs } from './runs.js';

/** Below GitHub's own host, as an Enterprise Server has it; github.com's issuer has a host of its own. */
const PATH = '/_services/token';
const LIFE_S = 300;
const ALGORITHM = 'RS256';

interface SubjectSettings {
  useDefault: boolean;
  claimKeys: string[];
  immutable?: boolean;
}

/** Tokens by which a job proves to others what it is: signed here, checked by anyone against the keys published here. */
export class Oidc {
  readonly issuer: string;
  readonly #subjects: Collection<SubjectSettings>;
  #keys: Promise<{ privateKey: CryptoKey; jwk: JWK }> | undefined;

  constructor(
    private readonly world: World,
    private readonly runs: Runs,
  ) {
    this.issuer = `${world.url}${PATH}`;
    this.#subjects = world.collection('oidc-subjects');
  }

  async publishedKeys(): Promise<{ keys: JWK[] }> {
    return { keys: [(await this.#keyPair()).jwk] };
  }

  /** @throws GitHubError 404 for a job that is none of this run's. */
  async issue(repository: Repository, runId: string, jobId: string | undefined, audience: string | undefined): Promise<string> {
    const run = this.runs.require(repository, runId);
    const job = jobId === undefined ? run.jobs[0] : run.jobs.find(({ id, name }) => String(id) === jobId || name === jobId);
    if (!job) throw new GitHubError(404, 'Not Found');
    const { privateKey, jwk } = await this.#keyPair();
    const now = Math.floor(this.world.context.clock.now() / 1_000);
    return new SignJWT({ jti: randomUUID(), ...claimsOf(run, job, repository, this.#templateOf(repository), this.world) })
      .setProtectedHeader({ typ: 'JWT', alg: ALGORITHM, ...(jwk.kid !== undefined && { kid: jwk.kid }), ...(jwk.kid !== undefined && { x5t: jwk.kid }) })
      .setIssuer(this.issuer)
      .setAudience(audience ?? `${this.world.url}/${repository.owner}`)
      .setIssuedAt(now)
      .setNotBefore(now - LIFE_S)
      .setExpirationTime(now + LIFE_S)
      .sign(privateKey);
  }

  subjectOf(scope: Repository | 'organization'): SubjectSettings {
    return this.#subjects.get(scopeKey(scope)) ?? { useDefault: true, claimKeys: ['repo', 'context'] };
  }

  setSubject(scope: Repository | 'organization', settings: SubjectSettings): void {
    this.#subjects.set(scopeKey(scope), settings);
  }

  /** A repository that does not use the default follows its own keys, or where it names none, its organisation's. */
  #templateOf(repository: Repository): SubjectTemplate {
    const own = this.subjectOf(repository);
    const keys = own.claimKeys.length > 0 ? own.claimKeys : this.subjectOf('organization').claimKeys;
    return { useDefault: own.useDefault, claimKeys: keys, immutable: own.immutable };
  }

  /** Made when first asked for, and kept: whoever trusts the issuer goes on trusting it after a restart. */
  #keyPair(): Promise<{ privateKey: CryptoKey; jwk: JWK }> {
    return (this.#keys ??= this.#loadKeys());
  }

  async #loadKeys() {
    const kept = this.world.context.store.collection<string>('credentials');
    const name = 'github.oidc-key';
    if (kept.get(name) === undefined) {
      const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
      kept.set(name, await exportPKCS8(privateKey));
    }
    const privateKey = await importPKCS8(kept.get(name) ?? '', ALGORITHM, { extractable: true });
    const { kty, n, e } = await exportJWK(privateKey);
    const open: JWK = { ...(kty !== undefined && { kty }), ...(n !== undefined && { n }), ...(e !== undefined && { e }) };
    return { privateKey, jwk: { ...open, alg: ALGORITHM, use: 'sig', kid: await calculateJwkThumbprint(open) } };
  }
}

/** What the outside reads without a token, and where a runner asks for one. */
export function oidcIssuerRoutes(app: FastifyInstance, world: World, oidc: Oidc, githubApp: GitHubApp): void {
  app.get(`${PATH}/.well-known/openid-configuration`, () => ({
    issuer: oidc.issuer,
    jwks_uri: `${oidc.issuer}/.well-known/jwks`,
    subject_types_supported: ['public', 'pairwise'],
    response_types_supported: ['id_token'],
    claims_supported: ['sub', 'aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'ref', 'sha', 'repository', 'repository_id', 'repository_owner',
      'repository_owner_id', 'run_id', 'run_number', 'run_attempt', 'actor', 'actor_id', 'workflow', 'head_ref', 'base_ref', 'event_name',
      'ref_type', 'environment', 'job_workflow_ref'],
    id_token_signing_alg_values_supported: [ALGORITHM],
    scopes_supported: ['openid'],
  }));

  app.get(`${PATH}/.well-known/jwks`, () => oidc.publishedKeys());

  // ACTIONS_ID_TOKEN_REQUEST_URL of a job. A runner brings a token of its own for it; there is no runner here, so that
  // whoever may read the repository asks in its place.
  app.get<RepositoryPlace & { Params: { run: string }; Querystring: { audience?: string; job?: string } }>(
    `${PATH}/repos/:owner/:repo/runs/:run/idtoken`,
    async (request) => {
      const token = credentialOf(request);
      if (token === undefined || !findPrincipal(token, world, githubApp)) throw new GitHubError(401, 'Bad credentials');
      const repository = world.requireRepository(request.params.owner, request.params.repo);
      const value = await oidc.issue(repository, request.params.run, request.query.job, request.query.audience);
      return { count: value.length, value };
    },
  );
}

type OrganizationSubject = { Params: { org: string }; Body: { include_claim_keys: string[] } };
type RepositorySubject = RepositoryPlace & { Body: { use_default: boolean; include_claim_keys?: string[]; use_immutable_subject?: boolean } };

/** What subjects are made of. */
export function oidcSubjectRoutes(app: FastifyInstance, world: World, oidc: Oidc): void {
  app.get<{ Params: { org: string } }>('/orgs/:org/actions/oidc/customization/sub', (request) => {
    world.requireOrganization(request.params.org);
    return { include_claim_keys: oidc.subjectOf('organization').claimKeys };
  });

  app.put<OrganizationSubject>('/orgs/:org/actions/oidc/customization/sub', (request, reply) => {
    world.requireOrganization(request.params.org);
    oidc.setSubject('organization', { useDefault: false, claimKeys: checkKeys(request.body.include_claim_keys) });
    return reply.code(201).send({});
  });

  app.get<RepositoryPlace>('/repos/:owner/:repo/actions/oidc/customization/sub', (request) => {
    const { useDefault, claimKeys, immutable } = oidc.subjectOf(world.requireRepository(request.params.owner, request.params.repo));
    return {
      use_default: useDefault,
      ...(!useDefault && { include_claim_keys: claimKeys }),
      ...(immutable !== undefined && { use_immutable_subject: immutable }),
    };
  });

  app.put<RepositorySubject>('/repos/:owner/:repo/actions/oidc/customization/sub', (request, reply) => {
    const repository = world.requireRepository(request.params.owner, request.params.repo);
    const { use_default: useDefault, include_claim_keys: keys = [], use_immutable_subject: immutable } = request.body;
    const claimKeys = useDefault ? ['repo', 'context'] : checkKeys(keys);
    oidc.setSubject(repository, { useDefault, claimKeys, ...(immutable !== undefined && { immutable }) });
    return reply.code(201).send({});
  });
}

function checkKeys(keys: readonly string[]): string[] {
  const wrong = keys.find((key) => !/^\w+$/.test(key));
  if (wrong !== undefined) throw new GitHubError(422, `Each claim key can only contain alphanumeric characters and underscores: ${wrong}`);
  return [...new Set(keys)];
}

function scopeKey(scope: Repository | 'organization'): string {
  return scope === 'organization' ? scope : keyIn(scope);
}
