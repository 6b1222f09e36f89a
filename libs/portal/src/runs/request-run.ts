import { type Principal, type RunView, SlipwayError } from '@slipway/contracts';
import type { Clock, Registry, Sealer } from '@slipway/engine';
import type { RemoteContent } from '@slipway/templating';
import { canSee } from '../access/visibility.js';
import type { ActionStore, RequestableAction } from '../actions/action-store.js';
import { knownAction } from '../actions/known-action.js';
import { type DescribedRun, describeRequest } from './describe-request.js';
import { newRunView } from './new-run-view.js';
import { requestBody } from './request-body.js';
import { newRunId } from './run-id.js';
import type { RunReader } from './run-reader.js';
import type { IdempotencyKey, RunRequestStore } from './run-request-store.js';
import { submissionConflict } from './submission-conflict.js';

export interface RequestRunDeps {
  actions: ActionStore;
  requests: RunRequestStore;
  runs: RunReader;
  /** What this installation can do: a plan that needs more is refused. */
  registry: Registry;
  /** Says which commit a branch or tag elsewhere is at. */
  remote: Pick<RemoteContent, 'pin'>;
  clock: Clock;
  /** For what was typed into secret fields, and for telling whether a request is the same without keeping it. */
  sealer: Sealer;
  /** Tells the relay that the outbox has something, and which run that is; best effort, since the relay looks by itself too. */
  kick(newRun: string): void;
}

export interface RequestRunCommand {
  principal: Principal;
  action: string;
  properties: Record<string, unknown>;
  /** Secrets apart from the properties, as programs send them. */
  secrets?: Record<string, unknown>;
  /** The entity of a DAY-2 or DELETE action. */
  entity?: string;
  /** For 24 h the same key and body from the same caller answer with the same run. */
  idempotencyKey?: string;
  traceId?: string;
}

/**
 * Accepts a run, durably, or says why not: `not_found` (action, entity), `invalid_input` with every fault,
 * `conflict` naming the holder of a name, `idempotency_conflict`. `agree` is asked last, about what is new, and refuses by throwing.
 */
export async function requestRun(
  deps: RequestRunDeps,
  command: RequestRunCommand,
  agree?: (action: RequestableAction, run: DescribedRun) => Promise<void>,
): Promise<RunView> {
  const action = await knownAction(deps.actions, command.action);
  const idempotency = idempotencyOf(deps, command);
  const repeated = idempotency && (await deps.requests.findRepeat(idempotency));
  if (repeated) return runOfRepeat(deps, command, repeated);

  const now = deps.clock.now();
  const run = { ...(await describeRequest(deps, action, command, newRunId(now))), idempotency };
  await agree?.(action, run);
  const submission = await deps.requests.submit(run);
  if (submission.outcome === 'repeated') return runOfRepeat(deps, command, submission);
  if (submission.outcome !== 'accepted') throw submissionConflict(run, submission);
  deps.kick(run.id);
  return newRunView(run, submission);
}

function idempotencyOf({ sealer }: RequestRunDeps, command: RequestRunCommand): IdempotencyKey | null {
  const { principal, action, idempotencyKey: key } = command;
  if (key === undefined) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new SlipwayError('bad_request', 'An Idempotency-Key is 1 to 255 printable ASCII characters without spaces.');
  return { caller: `${principal.kind}:${principal.id}`, action, key, bodyHash: sealer.fingerprint(requestBody(command)) };
}

async function runOfRepeat(
  deps: RequestRunDeps,
  command: RequestRunCommand,
  repeat: { runId: string; bodyHash: string },
): Promise<RunView> {
  if (!deps.sealer.isFingerprint(repeat.bodyHash, requestBody(command))) {
    throw new SlipwayError(
      'idempotency_conflict',
      'This Idempotency-Key was used with another body within the last 24 h: use a new key for a new request.',
    );
  }
  const found = await deps.runs.find(repeat.runId);
  if (!found || !canSee(command.principal, found))
    throw new SlipwayError('not_found', `There is no run "${repeat.runId}" any more.`);
  return found.run;
}
