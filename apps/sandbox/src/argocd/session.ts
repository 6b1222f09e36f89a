import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { compactVerify, type JWTPayload, SignJWT } from 'jose';
import { z } from 'zod';
import { keptSecret, randomText } from '../core/credentials.js';
import type { SandboxContext } from '../core/context.js';
import { remembering } from '../core/remember.js';
import { sameText } from '../core/same-text.js';
import type { Subject } from './access.js';
import { ArgoError, parseMessage } from './errors.js';
import { tokensOf } from './project.js';
import type { Projects } from './projects.js';

export const USERNAME = 'admin';
const ISSUER = 'argocd';
const LIFE_SECONDS = 24 * 3_600;
const MOST_FAILURES = 5;
const FAILURE_WINDOW_MS = 300_000;
const LONGEST_USERNAME = 32;

/** Log-ins and the tokens they give. */
export class Sessions {
  readonly password: string;
  readonly #key: Uint8Array;
  /** By token: whether a signature is right never changes, and to see it costs as much as the rest of a request. */
  readonly #rememberClaims = remembering<JWTPayload>(1_000);
  readonly #failures = new Map<string, { count: number; last: number }>();

  constructor(
    private readonly context: SandboxContext,
    private readonly projects: Projects,
  ) {
    this.password = keptSecret(context.store, 'argocd.password', () => randomText(16));
    this.#key = new TextEncoder().encode(keptSecret(context.store, 'argocd.signature', () => randomText(43)));
  }

  /** @throws ArgoError Unauthenticated on a wrong password, and on the right one after too many wrong ones. */
  async login(username: string, password: string): Promise<string> {
    if (Buffer.byteLength(username) > LONGEST_USERNAME) {
      throw new ArgoError('InvalidArgument', `Username is too long (${LONGEST_USERNAME} bytes max)`);
    }
    const isLocked = this.#isLocked(username);
    if (isLocked || username !== USERNAME || !sameText(password, this.password)) {
      // What is refused unseen does not count: the lock ends so long after the failure that closed it.
      if (!isLocked) this.#noteFailure(username);
      throw new ArgoError('Unauthenticated', 'Invalid username or password');
    }
    this.#failures.delete(username);
    return (await this.sign(`${username}:login`, randomUUID(), LIFE_SECONDS)).token;
  }

  /** A token that ends after so many seconds; 0: never. */
  async sign(subject: string, id: string, lifeSeconds: number): Promise<{ token: string; iat: number; exp?: number }> {
    const now = Math.floor(this.context.clock.now() / 1000);
    const ends = lifeSeconds > 0 ? { exp: now + lifeSeconds } : {};
    const token = await new SignJWT(ends)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setSubject(subject)
      .setJti(id)
      .setIssuedAt(now)
      .setNotBefore(now)
      .sign(this.#key);
    return { token, iat: now, ...ends };
  }

  /** @throws ArgoError Unauthenticated; a project's token also once it was taken away. */
  async verify(token: string | undefined): Promise<Subject> {
    if (!token) throw new ArgoError('Unauthenticated', 'no session information');
    const payload = await this.#rememberClaims(token, () => this.#signedClaims(token)).catch(() => {
      throw invalidClaims('signature is invalid');
    });
    if (payload.exp !== undefined && payload.exp <= this.context.clock.now() / 1000) throw invalidClaims('token is expired');
    const subject = { sub: payload.sub ?? '', issuedAt: payload.iat ?? 0 };
    this.#requireStillGiven(subject, payload.jti);
    return subject;
  }

  /** As they were signed here, at whatever time: nobody else has the key. */
  async #signedClaims(token: string): Promise<JWTPayload> {
    const { payload } = await compactVerify(token, this.#key);
    return JSON.parse(Buffer.from(payload).toString()) as JWTPayload;
  }

  #requireStillGiven({ sub, issuedAt }: Subject, id: string | undefined): void {
    const [kind, name = '', role = ''] = sub.split(':');
    if (kind !== 'proj') return;
    const project = this.projects.get(name);
    if (!project) throw new ArgoError('Unauthenticated', `invalid session: appproject.argoproj.io "${name}" not found`);
    if (tokensOf(project, role).some((token) => token.id === id)) return;
    const missing = `JWT token for role '${role}' issued at '${issuedAt}' does not exist in project '${name}'`;
    throw new ArgoError('Unauthenticated', `invalid session: ${missing}`);
  }

  #isLocked(username: string): boolean {
    const failed = this.#failures.get(username);
    return !!failed && failed.count >= MOST_FAILURES && this.context.clock.now() - failed.last < FAILURE_WINDOW_MS;
  }

  #noteFailure(username: string): void {
    const now = this.context.clock.now();
    const failed = this.#failures.get(username);
    const recent = failed && now - failed.last < FAILURE_WINDOW_MS ? failed.count : 0;
    this.#failures.set(username, { count: recent + 1, last: now });
  }
}

function invalidClaims(reason: string): ArgoError {
  return new ArgoError('Unauthenticated', `invalid session: token has invalid claims: ${reason}`);
}

const OPEN = new Set(['/api/v1/session', '/api/version', '/api/webhook', '/healthz']);

const subjects = new WeakMap<FastifyRequest, Subject>();

/** Who sent a request that `requireSession` let in. */
export function subjectOf(request: FastifyRequest): Subject {
  const subject = subjects.get(request);
  if (!subject) throw new ArgoError('Unauthenticated', 'no session information');
  return subject;
}

export function requireSession(app: FastifyInstance, sessions: Sessions): void {
  app.addHook('onRequest', async (request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (!path.startsWith('/api/') || OPEN.has(path)) return;
    subjects.set(request, await sessions.verify(tokenOf(request.headers.authorization, request.headers.cookie)));
  });
}

export function sessionRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post('/api/v1/session', async (request) => {
    const { username, password } = parseMessage('SessionCreateRequest', Login, request);
    return { token: await sessions.login(username, password) };
  });

  app.delete('/api/v1/session', () => ({}));

  app.get('/api/v1/session/userinfo', (request) => {
    const { sub } = subjectOf(request);
    return { loggedIn: true, username: sub.replace(/:login$/, ''), iss: ISSUER };
  });
}

const Login = z.object({ username: z.string().default(''), password: z.string().default('') });

function tokenOf(authorization: string | undefined, cookie: string | undefined): string | undefined {
  if (authorization?.startsWith('Bearer ')) return authorization.slice('Bearer '.length);
  return cookie?.match(/(?:^|; )argocd\.token=([^;]+)/)?.[1];
}
