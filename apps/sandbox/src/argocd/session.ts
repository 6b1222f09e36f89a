import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { jwtVerify, SignJWT, errors as joseErrors } from 'jose';
import { z } from 'zod';
import { keptSecret, randomText } from '../core/credentials.js';
import type { SandboxContext } from '../core/context.js';
import { sameText } from '../core/same-text.js';
import { ArgoError, parseMessage } from './errors.js';

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
  readonly #failures = new Map<string, { count: number; last: number }>();

  constructor(private readonly context: SandboxContext) {
    this.password = keptSecret(context.store, 'argocd.password', () => randomText(16));
    this.#key = new TextEncoder().encode(keptSecret(context.store, 'argocd.signature', () => randomText(43)));
  }

  /** @throws ArgoError Unauthenticated on a wrong password, and on the right one after too many wrong ones. */
  async login(username: string, password: string): Promise<string> {
    if (Buffer.byteLength(username) > LONGEST_USERNAME) {
      throw new ArgoError('InvalidArgument', `Username is too long (${LONGEST_USERNAME} bytes max)`);
    }
    if (this.#isLocked(username) || username !== USERNAME || !sameText(password, this.password)) {
      this.#noteFailure(username);
      throw new ArgoError('Unauthenticated', 'Invalid username or password');
    }
    this.#failures.delete(username);
    const now = this.#seconds();
    return new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setSubject(`${username}:login`)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + LIFE_SECONDS)
      .sign(this.#key);
  }

  /** @throws ArgoError Unauthenticated. */
  async verify(token: string | undefined): Promise<void> {
    if (!token) throw new ArgoError('Unauthenticated', 'no session information');
    try {
      await jwtVerify(token, this.#key, { issuer: ISSUER, currentDate: new Date(this.context.clock.now()) });
    } catch (error) {
      const reason = error instanceof joseErrors.JWTExpired ? 'token is expired' : 'signature is invalid';
      throw new ArgoError('Unauthenticated', `invalid session: token has invalid claims: ${reason}`);
    }
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

  #seconds(): number {
    return Math.floor(this.context.clock.now() / 1000);
  }
}

const OPEN = new Set(['/api/v1/session', '/api/version', '/api/webhook', '/healthz']);

export function requireSession(app: FastifyInstance, sessions: Sessions): void {
  app.addHook('onRequest', async (request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (!path.startsWith('/api/') || OPEN.has(path)) return;
    await sessions.verify(tokenOf(request.headers.authorization, request.headers.cookie));
  });
}

export function sessionRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post('/api/v1/session', async (request) => {
    const { username, password } = parseMessage(Login, request.body);
    return { token: await sessions.login(username, password) };
  });

  app.delete('/api/v1/session', () => ({}));

  app.get('/api/v1/session/userinfo', () => ({ loggedIn: true, username: USERNAME, iss: ISSUER }));
}

const Login = z.object({ username: z.string().default(''), password: z.string().default('') });

function tokenOf(authorization: string | undefined, cookie: string | undefined): string | undefined {
  if (authorization?.startsWith('Bearer ')) return authorization.slice('Bearer '.length);
  return cookie?.match(/(?:^|; )argocd\.token=([^;]+)/)?.[1];
}
