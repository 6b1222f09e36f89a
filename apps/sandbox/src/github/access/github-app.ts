import { createPublicKey, generateKeyPairSync, createHash, type KeyObject } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import { keptSecret, randomText } from '../../core/credentials.js';
import type { Collection } from '../../core/store.js';
import { GitHubError } from '../errors.js';
import type { World } from '../world.js';
import { isAllowed, type Permissions, type Principal } from './principal.js';

const TOKEN_LIFE_MS = 3_600_000;
const LONGEST_JWT_S = 600;

interface InstallationToken {
  permissions: Permissions;
  repositoryIds: number[] | null;
  expiresAt: number;
}

/** The one GitHub App there is, installed on all repositories of the organisation. */
export class GitHubApp {
  readonly id = 1_001;
  readonly clientId = 'Iv23lisandboxslipway';
  readonly slug = 'slipway';
  readonly installationId = 2_001;
  /** PEM. */
  readonly privateKey: string;
  readonly permissions: Permissions = {
    actions: 'write', actions_variables: 'write', administration: 'write', checks: 'write', contents: 'write', environments: 'write',
    issues: 'write', metadata: 'read', organization_custom_properties: 'admin', organization_hooks: 'write', packages: 'write', pages: 'write',
    pull_requests: 'write',
    repository_custom_properties: 'write', repository_hooks: 'write', secrets: 'write', workflows: 'write',
  };
  readonly #publicKey: KeyObject;
  readonly #tokens: Collection<InstallationToken>;
  readonly #suspensions: Collection<string>;

  constructor(private readonly world: World) {
    this.privateKey = keptSecret(world.context.store, 'github.app-key', generateKey);
    this.#publicKey = createPublicKey(this.privateKey);
    this.#tokens = world.collection('installation-tokens');
    this.#suspensions = world.collection('installation-suspensions');
  }

  /** When the installation was suspended; null while it may work. */
  get suspendedAt(): string | null {
    return this.#suspensions.get(String(this.installationId)) ?? null;
  }

  suspend(suspended: boolean): void {
    const key = String(this.installationId);
    if (!suspended) this.#suspensions.delete(key);
    else if (!this.suspendedAt) this.#suspensions.set(key, this.world.timestamp());
  }

  /** @throws GitHubError 403 */
  assertNotSuspended(): void {
    if (this.suspendedAt) throw new GitHubError(403, 'This installation has been suspended');
  }

  /** @throws GitHubError 401 on a JWT that is not this app's, not signed by it, expired or good for too long. */
  async verifyJwt(jwt: string): Promise<void> {
    const now = this.world.context.clock.now();
    try {
      const { payload } = await jwtVerify(jwt, this.#publicKey, { algorithms: ['RS256'], currentDate: new Date(now), clockTolerance: 0 });
      if (payload.iss !== this.clientId && String(payload.iss) !== String(this.id)) throw new GitHubError(404, 'Integration not found');
      if (payload.exp === undefined || payload.iat === undefined) throw undecodable();
      // One minute for a clock that goes ahead.
      if (payload.exp > now / 1_000 + LONGEST_JWT_S + 60) {
        throw new GitHubError(401, "'Expiration time' claim ('exp') is too far in the future");
      }
    } catch (error) {
      if (error instanceof errors.JWTExpired) {
        const claim = "'Expiration time' claim ('exp')";
        throw new GitHubError(401, `${claim} must be a numeric value representing the future time at which the assertion expires`);
      }
      throw error instanceof GitHubError ? error : undecodable();
    }
  }

  /**
   * A token good for an hour. Narrowed to what was asked for.
   *
   * @throws GitHubError 422 on more than the installation has, 403 while it is suspended.
   */
  issueToken(asked: { permissions?: Permissions; repositoryIds?: number[] }): InstallationToken & { token: string } {
    this.assertNotSuspended();
    for (const [name, level] of Object.entries(asked.permissions ?? {})) {
      if (!isAllowed(this.permissions, name, level)) {
        throw new GitHubError(422, 'The permissions requested are not granted to this installation.');
      }
    }
    const permissions: Permissions = { metadata: 'read', ...(asked.permissions ?? this.permissions) };
    const repositoryIds = asked.repositoryIds ?? null;
    if (repositoryIds?.some((id) => !this.world.repositoryById(id))) {
      throw new GitHubError(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
    }
    const expiresAt = Math.floor((this.world.context.clock.now() + TOKEN_LIFE_MS) / 1_000) * 1_000;
    const token = `ghs_${randomText(36)}`;
    this.#tokens.set(keyOf(token), { permissions, repositoryIds, expiresAt });
    return { token, permissions, repositoryIds, expiresAt };
  }

  /** undefined for a token that never was, was given back or is past its hour. */
  findToken(token: string): Principal | undefined {
    const kept = this.#tokens.get(keyOf(token));
    if (!kept || kept.expiresAt <= this.world.context.clock.now()) return undefined;
    return { kind: 'installation', permissions: kept.permissions, repositoryIds: kept.repositoryIds };
  }

  revokeToken(token: string): void {
    this.#tokens.delete(keyOf(token));
  }
}

function undecodable(): GitHubError {
  return new GitHubError(401, 'A JSON web token could not be decoded');
}

function generateKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Tokens rest as digests: nothing needs them in clear again. */
function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
