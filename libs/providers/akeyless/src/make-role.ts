import { type StepContext, StepError } from '@slipway/engine';
import type { AkeylessClient } from './client.js';
import { createOrAdopt } from './create-or-adopt.js';
import { describeOwnership, nameTaken } from './ownership.js';
import { associate, createRole, deleteAssociation, deleteRule, findRole, type Role, type Rule, setRule } from './roles.js';

/** A role, and who has it. */
export interface Grant {
  role: string;
  /** What it may read, and nothing else. */
  paths: readonly string[];
  authMethod: string;
  subClaims: Record<string, string>;
  /** Where `authMethod` is configured, for errors. */
  setting: string;
  /** For people: `the pods of shop/web`. */
  holder: string;
}

/**
 * The role as the grant says, no more and no less: what anyone added to a role of ours goes. Rules come before the
 * association, so that nobody has the role while it says something else. `plan` is called before the role is created.
 */
export async function makeRole(client: AkeylessClient, ctx: StepContext, grant: Grant, plan: () => Promise<void>): Promise<void> {
  const title = `Role ${grant.role}`;
  const find = () => findRole(client, grant.role, ctx.signal);
  const create = async (): Promise<Role> => {
    await createRole(client, grant.role, describeOwnership(ctx), ctx.signal);
    return { owner: ctx.mark, rules: [], associations: [] };
  };
  const found = await find();
  if (found && found.owner !== ctx.mark) throw nameTaken(title, found.owner);
  await plan();
  const role = found ?? (await createOrAdopt(title, ctx.mark, { create, find }));
  await alignRules(client, ctx, grant, role);
  await alignAssociations(client, ctx, grant, role);
}

async function alignRules(client: AkeylessClient, ctx: StepContext, { role, paths }: Grant, { rules }: Role): Promise<void> {
  const wanted = paths.map((path): Rule => ({ type: 'item-rule', path, capabilities: ['read'] }));
  for (const rule of rules) if (!wanted.some((other) => isSame(rule, other))) await deleteRule(client, role, rule, ctx.signal);
  for (const rule of wanted) if (!rules.some((other) => isSame(rule, other))) await setRule(client, role, rule, ctx.signal);
}

function isSame(one: Rule, other: Rule): boolean {
  return one.type === other.type && one.path === other.path && [...one.capabilities].sort().join() === [...other.capabilities].sort().join();
}

async function alignAssociations(client: AkeylessClient, ctx: StepContext, grant: Grant, { associations }: Role): Promise<void> {
  const { role, authMethod, subClaims, setting } = grant;
  const fits = associations.find(({ method, subClaims: held }) => method === authMethod && holdsJust(held, subClaims));
  for (const other of associations) if (other !== fits) await deleteAssociation(client, role, other, ctx.signal);
  if (fits) return;
  try {
    await associate(client, role, authMethod, subClaims, ctx.signal);
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'akeyless_not_found') throw error;
    throw new StepError('fatal', 'akeyless_auth_method_missing', `Akeyless has no auth method ${authMethod}.`, {
      remedy: `Correct ${setting}.authMethod in the configuration, or create the method, then retry.`,
    });
  }
}

function holdsJust(held: Record<string, string[]>, wanted: Record<string, string>): boolean {
  const claims = Object.entries(wanted);
  return Object.keys(held).length === claims.length && claims.every(([claim, value]) => held[claim]?.join() === value);
}
