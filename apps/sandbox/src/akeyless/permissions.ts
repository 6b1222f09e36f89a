import { unauthorizedAccess } from './akeyless-error.js';
import type { Association, Capability, Claims, Rule, RuleType } from './model.js';

/** Who makes a call: the rules of all roles that the token leads to at this moment. */
export interface Caller {
  accessId: string;
  claims: Claims;
  rules: Rule[];
}

export function may(caller: Caller, type: RuleType, name: string, capability: Capability): boolean {
  const matching = caller.rules.filter((rule) => rule.type === type && covers(rule.path, name));
  if (matching.some((rule) => rule.capabilities.includes('deny'))) return false;
  return matching.some((rule) => rule.capabilities.includes(capability));
}

/** @throws AkeylessError 401, whether or not there is anything of that name. */
export function authorize(caller: Caller, type: RuleType, name: string, capability: Capability): void {
  if (!may(caller, type, name, capability)) throw unauthorizedAccess();
}

/** Whether the association is for a caller with these claims. */
export function admits({ subClaims, caseSensitive }: Association, claims: Claims): boolean {
  return Object.entries(subClaims).every(([claim, accepted]) =>
    (claims[claim] ?? []).some((value) => accepted.some((pattern) => covers(pattern, value, caseSensitive))),
  );
}

function covers(pattern: string, text: string, caseSensitive = true): boolean {
  if (!pattern.includes('*')) return caseSensitive ? pattern === text : pattern.toLowerCase() === text.toLowerCase();
  const source = pattern.split('*').map((part) => RegExp.escape(part)).join('.*');
  return new RegExp(`^${source}$`, caseSensitive ? 's' : 'si').test(text);
}
