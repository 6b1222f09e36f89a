import type { SandboxContext } from '../core/context.js';
import { keptSecret, randomText } from '../core/credentials.js';
import type { Gateway } from './gateway.js';
import type { Capability, Rule, RuleType } from './model.js';

export interface AccessKey {
  accessId: string;
  accessKey: string;
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
    accessId: keptSecret(store, `akeyless.${access}.id`, () => `p-${randomText(14).toLowerCase()}`),
    accessKey: keptSecret(store, `akeyless.${access}.key`, () => `${randomText(43)}=`),
  };
}

/** Roles, methods and associations that an account has before anyone uses it. Harmless where they are. */
export function seed(gateway: Gateway, context: SandboxContext): void {
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
}
