import { SlipwayError } from '@slipway/contracts';
import { type Plan, StepError } from '@slipway/engine';
import { pinPlan, type RemoteContent } from '@slipway/templating';

/** For all references of a plan together: somebody waits for the answer. */
const patienceMs = 20_000;

/**
 * What the plan fetches from elsewhere, bound to the commits that are there now. Throws `conflict` where a reference is not
 * allowed or not there, and `unavailable` where its host does not answer; both name it.
 */
export async function pinRemote(remote: Pick<RemoteContent, 'pin'>, action: string, plan: Plan): Promise<Plan> {
  const signal = AbortSignal.timeout(patienceMs);
  const pin: RemoteContent['pin'] = async (url, options) => {
    try {
      return await remote.pin(url, options);
    } catch (error) {
      throw error instanceof StepError ? refusal(action, url, error) : error;
    }
  };
  return pinPlan(plan, { pin }, { signal });
}

function refusal(action: string, url: string, { classification, message, remedy }: StepError): SlipwayError {
  const shown = url.replace(/\/\/[^/]*@/, '//').slice(0, 200);
  const why = `"${action}" needs ${shown}, which cannot be fetched: ${message}`;
  if (classification === 'fatal') return new SlipwayError('conflict', remedy === undefined ? why : `${why} ${remedy}`);
  return new SlipwayError('unavailable', `${why} Try again shortly.`);
}
