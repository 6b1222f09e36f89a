import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { SandboxContext } from '../core/context.js';
import { keptSecret, randomText } from '../core/credentials.js';
import type { Gateway } from './gateway.js';
import type { AuthMethod, Capability, Rule, RuleType } from './model.js';

export interface AccessKey {
  accessId: string;
  accessKey: string;
}

/** Who vouches for callers: the cluster for its pods, GitHub for its workflows. */
export interface Issuers {
  cluster: { url: string; /** PEM */ ca: string; reviewerToken: string };
  github: { issuer: string };
}

/** What whoever asks for a token names as its audience. */
const AUDIENCE = 'akeyless';
const CONFIG = 'sandbox';
const METHODS = { pods: '/sandbox/pods', workflows: '/sandbox/workflows' };

/** What clients are told of the methods by which pods and workflows log in. Neither opens anything without a role. */
export function describeMethods({ store }: SandboxContext) {
  return {
    kubernetes: { authMethod: METHODS.pods, accessId: accessIdOf(store, 'pods'), authConfig: CONFIG, audience: AUDIENCE },
    github: { authMethod: METHODS.workflows, accessId: accessIdOf(store, 'workflows'), audience: AUDIENCE },
  };
}

function accessIdOf(store: SandboxContext['store'], access: string): string {
  return keptSecret(store, `akeyless.${access}.id`, () => `p-${randomText(14).toLowerCase()}`);
}

const ALL_KINDS: RuleType[] = ['item-rule', 'target-rule', 'role-rule', 'auth-method-rule'];
const EVERYTHING: Capability[] = ['create', 'read', 'update', 'delete', 'list'];

/** By the last part of its role and its method. */
const ACCESSES = {
  admin: ALL_KINDS.map((type) => ({ type, path: '/*', capabilities: EVERYTHING })),
  restricted: [{ type: 'item-rule', path: '/shared/*', capabilities: ['read', 'list'] }],
  'external-secrets': [{ type: 'item-rule', path: '/*', capabilities: ['read', 'list'] }],
} satisfies Record<string, Rule[]>;
export type SeededAccess = keyof typeof ACCESSES;

/** The key of an access that every account has from the start. It outlives a reset. */
export function accessKeyOf({ store }: SandboxContext, access: SeededAccess): AccessKey {
  return {
    accessId: accessIdOf(store, access),
    accessKey: keptSecret(store, `akeyless.${access}.key`, () => `${randomText(43)}=`),
  };
}

/** Roles, methods and associations that an account has before anyone uses it. Harmless where they are. */
export function seed(gateway: Gateway, context: SandboxContext, issuers?: Issuers): void {
  for (const access of Object.keys(ACCESSES) as SeededAccess[]) {
    const name = `/sandbox/${access}`;
    if (gateway.methods.get(name)) continue;
    const now = gateway.clock.now();
    const { accessId, accessKey: key } = accessKeyOf(context, access);
    const common = { name, description: '', deleteProtection: false, createdAt: now, modifiedAt: now };
    gateway.roles.set(name, { ...common, id: gateway.nextNumber(), rules: ACCESSES[access] });
    const id = gateway.nextNumber();
    gateway.methods.set(name, { ...common, id, accessId, forceSubClaims: false, tokenLife: 0, rules: { type: 'api_key', key } });
    gateway.associate({ id: `ass-${accessId}`, role: name, method: name, subClaims: {}, caseSensitive: true });
  }
  if (issuers) seedMethods(gateway, context, issuers);
}

/** Methods for all applications at once: whom they open what for, associations say by their sub-claims. */
function seedMethods(gateway: Gateway, { store }: SandboxContext, { cluster, github }: Issuers): void {
  const signingKey = keptSecret(store, 'akeyless.pods.signing-key', newSigningKey);
  const publicKey = createPublicKey(signingKey).export({ type: 'spki', format: 'pem' }).toString();
  const pods = { type: 'k8s' as const, audience: AUDIENCE, publicKey, namespaces: [], serviceAccounts: [], pods: [] };
  const accessId = accessIdOf(store, 'pods');
  seedMethod(gateway, METHODS.pods, accessId, pods);
  gateway.kubernetesConfigs.set(CONFIG, {
    id: `k8s-${CONFIG}`,
    name: CONFIG,
    accessId,
    host: cluster.url,
    caCert: cluster.ca,
    issuer: '',
    reviewerToken: cluster.reviewerToken,
    signingKey: Buffer.from(signingKey).toString('base64'),
  });
  seedMethod(gateway, METHODS.workflows, accessIdOf(store, 'workflows'), {
    type: 'oauth2',
    issuer: github.issuer,
    audience: AUDIENCE,
    jwksUri: `${github.issuer}/.well-known/jwks`,
    jwksJson: '',
    uniqueIdentifier: 'repository_id',
    clientIds: [],
  });
}

function seedMethod(gateway: Gateway, name: string, accessId: string, rules: AuthMethod['rules']): void {
  if (gateway.methods.get(name)) return;
  const now = gateway.clock.now();
  const common = { name, description: '', deleteProtection: false, createdAt: now, modifiedAt: now };
  gateway.methods.set(name, { ...common, id: gateway.nextNumber(), accessId, forceSubClaims: true, tokenLife: 0, rules });
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
