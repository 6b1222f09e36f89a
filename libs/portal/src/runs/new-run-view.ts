import type { RunView } from '@slipway/contracts';
import type { NewRun, Submission } from './run-request-store.js';

/** A run as it stands right after it was accepted, without asking the store again. */
export function newRunView(run: NewRun, { createdAt, behind }: Extract<Submission, { outcome: 'accepted' }>): RunView {
  const { id, action, operation, entity, inputs, requestedBy, templateDigest, plan } = run;
  return {
    id,
    action,
    operation,
    entity,
    status: 'QUEUED',
    behind,
    inputs,
    secrets: (plan.secrets ?? []).map(({ name, title }) => ({ name, title })),
    requestedBy,
    templateDigest,
    failure: null,
    createdAt: createdAt.toISOString(),
    updatedAt: createdAt.toISOString(),
    endedAt: null,
    steps: plan.steps.map((step) => ({
      id: step.id,
      name: step.name,
      action: step.action,
      status: 'PENDING',
      needs: step.needs,
      attempt: 0,
      startedAt: null,
      endedAt: null,
      waitingFor: null,
      failure: null,
    })),
  };
}
