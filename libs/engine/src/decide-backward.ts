import { isStanding } from '@slipway/contracts';
import type { Move, Situation } from './decide.js';
import { isGivenUp, nextWave } from './removal-order.js';
import { type LedgerResource, resourceKey } from './step-definition.js';

/**
 * Everything marked for removal goes, wave after wave. What is given up holds up nothing: the run ends without it, and is
 * called back for another try.
 */
export function backward({ run, resources, inFlight, now, maxParallel }: Situation): Move[] {
  const isBusy = (resource: LedgerResource): boolean => inFlight.has(resourceKey(resource));
  const isDue = ({ removal }: LedgerResource): boolean => !removal?.until || removal.until <= now;
  const wave = nextWave(resources.filter((resource) => isStanding(resource.state) && resource.removal !== null && !isGivenUp(resource)));
  const due = wave.filter((resource) => !isBusy(resource) && isDue(resource)).slice(0, Math.max(0, maxParallel - inFlight.size));
  if (due.length > 0) return due.map((resource) => ({ type: 'remove', resource }));
  if (inFlight.size > 0) return [];
  if (wave.length > 0) return [{ type: 'sleep', until: new Date(Math.min(...wave.map(({ removal }) => removal?.until?.getTime() ?? 0))) }];
  return [{ type: 'finish', status: run.undoReason === 'cancel' ? 'CANCELLED' : 'FAILED' }];
}
