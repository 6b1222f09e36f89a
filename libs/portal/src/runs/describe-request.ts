import { EntityName, type InputIssue, SlipwayError } from '@slipway/contracts';
import { sealTypedSecrets } from '@slipway/engine';
import { entityIdentifier, withTypedSecrets } from '@slipway/templating';
import { canSee } from '../access/visibility.js';
import type { RequestableAction } from '../actions/action-store.js';
import { claimedValues, entityProperties } from '../catalogue/entity-properties.js';
import { checkInputs } from './check-inputs.js';
import { pinRemote } from './pin-remote.js';
import { type PreparedTemplate, prepareTemplate } from './prepared-template.js';
import type { RequestRunCommand, RequestRunDeps } from './request-run.js';
import type { NewRun, RequestedEntity } from './run-request-store.js';

export type DescribedRun = Omit<NewRun, 'idempotency'>;

/** What a request asks for, checked and spelt out: inputs, entity, plan. Throws `invalid_input`, `not_found`, `conflict` or `unavailable`. */
export async function describeRequest(
  deps: RequestRunDeps,
  action: RequestableAction,
  command: RequestRunCommand,
  runId: string,
): Promise<DescribedRun> {
  const prepared = prepareTemplate(action, deps.registry);
  const common = {
    id: runId,
    action: action.identifier,
    operation: action.operation,
    requestedBy: command.principal.id,
    templateDigest: action.templateDigest,
    traceId: command.traceId ?? null,
  };
  const { secrets, ...asked } = action.operation === 'CREATE' ? newEntity(action, prepared, command) : await existingEntity(deps, action, prepared, command);
  const sealedSecrets = sealTypedSecrets(deps.sealer, runId, secrets);
  // Last, since it may ask other hosts.
  const plan = await pinRemote(deps.remote, action.identifier, prepared.plan);
  return { ...common, ...asked, sealedSecrets, plan: withTypedSecrets(plan, prepared.template.document.spec, secrets) };
}

type Asked = Pick<DescribedRun, 'entity' | 'team' | 'inputs' | 'creates'> & { secrets: Record<string, string> };

function newEntity(
  action: RequestableAction,
  { template }: PreparedTemplate,
  command: RequestRunCommand,
): Asked {
  if (command.entity !== undefined) {
    throw new SlipwayError('invalid_input', 'A CREATE action names its entity by its inputs: leave "entity" out.', [
      { path: 'entity', code: 'unknown', message: 'A CREATE action names its entity by its inputs: leave "entity" out.' },
    ]);
  }
  const { inputs, secrets } = checkInputs(template.document.spec, command);
  const identifier = entityIdentifier(template, inputs);
  const properties = entityProperties(inputs);
  return {
    entity: { blueprint: action.blueprint, identifier },
    team: command.principal.team,
    ...{ inputs, secrets },
    creates: { title: identifier, properties, claims: claimedValues(action.blueprintSchema, properties) },
  };
}

async function existingEntity(
  deps: RequestRunDeps,
  action: RequestableAction,
  { template }: PreparedTemplate,
  command: RequestRunCommand,
): Promise<Asked> {
  const entity = { blueprint: action.blueprint, identifier: namedEntity(action, command) };
  const found = await visibleEntityOf(deps, entity, command);
  const further = action.operation === 'DELETE' ? confirmIssues(entity.identifier, command.properties) : [];
  const { inputs, secrets } = checkInputs(template.document.spec, command, further);
  return { entity, team: found.team, inputs, secrets };
}

function namedEntity(action: RequestableAction, command: RequestRunCommand): string {
  const message = `A ${action.operation} action is requested for an entity: name it in "entity".`;
  if (command.entity === undefined)
    throw new SlipwayError('invalid_input', message, [{ path: 'entity', code: 'required', message }]);
  return command.entity;
}

async function visibleEntityOf(
  deps: RequestRunDeps,
  entity: DescribedRun['entity'],
  command: RequestRunCommand,
): Promise<RequestedEntity> {
  const found = EntityName.safeParse(entity.identifier).success ? await deps.requests.findEntity(entity) : null;
  if (!found || !canSee(command.principal, found)) {
    throw new SlipwayError('not_found', `There is no ${entity.blueprint} "${entity.identifier.slice(0, 100)}".`);
  }
  return found;
}

/** Deleting is final, so whoever asks types the name. */
function confirmIssues(identifier: string, properties: Record<string, unknown>): InputIssue[] {
  if (properties['confirm'] === identifier) return [];
  return [
    {
      path: 'properties.confirm',
      code: 'confirm',
      message: `To confirm, type the name of what is to be deleted: ${identifier}.`,
    },
  ];
}
