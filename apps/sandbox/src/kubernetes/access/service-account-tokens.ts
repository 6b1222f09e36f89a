import { randomUUID } from 'node:crypto';
import { exportJWK, exportPKCS8, generateKeyPair, importPKCS8, type JWK, SignJWT, calculateJwkThumbprint, compactVerify, type CryptoKey } from 'jose';
import type { KubernetesObject } from '../../cluster.js';
import type { Collection, Store } from '../../core/store.js';
import { at, textAt } from '../json.js';
import { typeOf } from '../resource-types.js';
import type { Api } from '../write-object.js';
import { serviceAccountUser, type User } from './user.js';

const ALGORITHM = 'RS256';
const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const MOST_REMEMBERED = 2_000;

/** What a token is bound to: it dies with that. */
interface BoundTo {
  kind: 'Pod' | 'Secret';
  object: KubernetesObject;
}

interface Claims {
  iss?: string;
  aud?: string | string[];
  exp?: number;
  nbf?: number;
  jti?: string;
  'kubernetes.io'?: {
    namespace: string;
    serviceaccount: { name: string; uid: string };
    pod?: { name: string; uid: string };
    secret?: { name: string; uid: string };
  };
  [claim: string]: unknown;
}

/** The tokens of service accounts: signed by a key that the home keeps, published for others to check. */
export class ServiceAccountTokens {
  /** Signatures once found good. Everything else about a token is looked at each time. */
  readonly #genuine = new Map<string, Claims>();

  static async open(api: Api, store: Store, issuer: string): Promise<ServiceAccountTokens> {
    const kept = store.collection<string>('credentials');
    const privateKey = await importPKCS8(await keptKey(kept), ALGORITHM, { extractable: true });
    const { n, e, kty } = await exportJWK(privateKey);
    const publicJwk = { use: 'sig', kty, alg: ALGORITHM, n, e };
    return new ServiceAccountTokens(api, issuer, privateKey, { ...publicJwk, kid: await calculateJwkThumbprint(publicJwk) });
  }

  private constructor(
    private readonly api: Api,
    /** Also the audience of the API server. */
    readonly issuer: string,
    private readonly privateKey: CryptoKey,
    readonly publicKey: JWK,
  ) {}

  /** A token for a time, as TokenRequest gives it. */
  issue(account: KubernetesObject, audiences: string[], seconds: number, bound: BoundTo | undefined): Promise<string> {
    const { namespace, name, uid } = account.metadata;
    const now = Math.floor(this.api.clock.now() / 1000);
    const binding = bound && { [bound.kind.toLowerCase()]: { name: bound.object.metadata.name, uid: bound.object.metadata.uid } };
    return this.#sign({
      aud: audiences,
      exp: now + seconds,
      iat: now,
      iss: this.issuer,
      jti: randomUUID(),
      'kubernetes.io': { namespace, ...binding, serviceaccount: { name, uid } },
      nbf: now,
      sub: `system:serviceaccount:${namespace}:${name}`,
    });
  }

  /** The lasting token of a Secret of type kubernetes.io/service-account-token. */
  issueLegacy(account: KubernetesObject, secret: string): Promise<string> {
    const { namespace, name, uid } = account.metadata;
    return this.#sign({
      iss: LEGACY_ISSUER,
      'kubernetes.io/serviceaccount/namespace': namespace,
      'kubernetes.io/serviceaccount/secret.name': secret,
      'kubernetes.io/serviceaccount/service-account.name': name,
      'kubernetes.io/serviceaccount/service-account.uid': uid,
      sub: `system:serviceaccount:${namespace}:${name}`,
    });
  }

  /**
   * Whose token this is, and for which of the audiences asked; undefined where it is no good: forged, expired, for others, or of
   * something that is gone.
   */
  async verify(token: string, audiences: string[] = [this.issuer]): Promise<{ user: User; audiences: string[] } | undefined> {
    const claims = await this.#read(token);
    if (!claims) return undefined;
    return claims.iss === LEGACY_ISSUER ? this.#verifyLegacy(claims, token, audiences) : this.#verifyBound(claims, audiences);
  }

  #verifyBound(claims: Claims, wanted: string[]): { user: User; audiences: string[] } | undefined {
    const now = this.api.clock.now() / 1000;
    const about = claims['kubernetes.io'];
    if (!about || claims.iss !== this.issuer || now >= (claims.exp ?? 0) || now + 1 < (claims.nbf ?? 0)) return undefined;
    const audiences = [claims.aud ?? []].flat().filter((audience) => wanted.includes(audience));
    const { namespace, serviceaccount, pod, secret } = about;
    const alive =
      this.#isThere('ServiceAccount', namespace, serviceaccount) &&
      (!pod || this.#isThere('Pod', namespace, pod)) &&
      (!secret || this.#isThere('Secret', namespace, secret));
    if (!alive || audiences.length === 0) return undefined;
    const extra = {
      'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
      ...(pod ? { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] } : {}),
    };
    return { user: serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid, extra), audiences };
  }

  #verifyLegacy(claims: Claims, token: string, wanted: string[]): { user: User; audiences: string[] } | undefined {
    const claim = (name: string) => String(claims[`kubernetes.io/serviceaccount/${name}`]);
    const [namespace, name, uid] = [claim('namespace'), claim('service-account.name'), claim('service-account.uid')];
    const secret = this.api.objects.get(typeOf('Secret'), namespace, claim('secret.name'));
    const current = Buffer.from(textAt(secret, 'data', 'token') ?? '', 'base64').toString() === token;
    if (!current || !wanted.includes(this.issuer) || !this.#isThere('ServiceAccount', namespace, { name, uid })) return undefined;
    return { user: serviceAccountUser(namespace, name, uid), audiences: [this.issuer] };
  }

  #isThere(kind: string, namespace: string, { name, uid }: { name: string; uid: string }): boolean {
    return at(this.api.objects.get(typeOf(kind), namespace, name), 'metadata', 'uid') === uid;
  }

  async #read(token: string): Promise<Claims | undefined> {
    const known = this.#genuine.get(token);
    if (known) return known;
    try {
      const { payload } = await compactVerify(token, this.publicKey, { algorithms: [ALGORITHM] });
      const claims = JSON.parse(Buffer.from(payload).toString()) as Claims;
      if (this.#genuine.size >= MOST_REMEMBERED) this.#genuine.clear();
      this.#genuine.set(token, claims);
      return claims;
    } catch {
      return undefined;
    }
  }

  #sign(claims: Record<string, unknown>): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid: this.publicKey.kid ?? '' }).sign(this.privateKey);
  }
}

async function keptKey(kept: Collection<string>): Promise<string> {
  const name = 'kubernetes.service-account-key';
  const known = kept.get(name);
  if (known !== undefined) return known;
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const made = await exportPKCS8(privateKey);
  kept.set(name, made);
  return made;
}
