import { type Principal, SlipwayError } from '@slipway/contracts';

/** One configured outside system, and a way to ask whether it lets us do our work. */
export interface IntegrationProbe {
  name: string;
  health: (signal: AbortSignal) => Promise<{ ok: boolean; detail: string }>;
}

export interface IntegrationHealth {
  name: string;
  ok: boolean;
  /** What is wrong and what to do about it, or what is worth knowing. */
  detail: string;
}

const patienceMs = 15_000;

/** Asks all of them at the same time; one that does not answer in time is not well. */
export async function lookAtIntegrations(
  { integrations }: { integrations: readonly IntegrationProbe[] },
  { principal }: { principal: Principal },
): Promise<IntegrationHealth[]> {
  if (!principal.roles.includes('admin')) {
    throw new SlipwayError('forbidden', 'Only who has the role admin is told how the integrations are.');
  }
  return Promise.all(integrations.map(ask));
}

async function ask({ name, health }: IntegrationProbe): Promise<IntegrationHealth> {
  try {
    return { name, ...(await health(AbortSignal.timeout(patienceMs))) };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
