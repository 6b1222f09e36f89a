import { useCallback } from 'react';
import { type ActionSummary, loadActions } from '../api/actions.js';
import { type EntityPage, loadEntities } from '../api/entities.js';
import { loadRuns, type RunSummary } from '../api/runs.js';
import { useLoaded } from '../api/use-loaded.js';
import { RunList } from '../runs/run-list.js';
import { WhenLoaded } from '../shown/loading.js';
import { useTitle } from '../shown/use-title.js';
import { heading } from '../shown/wording.js';
import { ActionList } from './action-list.js';
import { EntityList } from './entity-list.js';

const refreshMs = 5_000;

/** What there is, and what one can ask for. */
export function CataloguePage() {
  useTitle('Catalogue');
  const catalogue = useLoaded(
    useCallback((signal: AbortSignal) => loadCatalogue(signal), []),
    refreshMs,
  );
  return (
    <>
      <h1>Catalogue</h1>
      <WhenLoaded from={catalogue}>{(loaded) => <Catalogue {...loaded} />}</WhenLoaded>
    </>
  );
}

interface LoadedCatalogue {
  actions: ActionSummary[];
  blueprints: (EntityPage & { blueprint: string })[];
  runs: RunSummary[];
}

async function loadCatalogue(signal: AbortSignal): Promise<LoadedCatalogue> {
  const [actions, runs] = await Promise.all([loadActions(signal), loadRuns({}, 10, signal)]);
  const names = [...new Set(actions.map(({ blueprint }) => blueprint))];
  const blueprints = await Promise.all(names.map(async (blueprint) => ({ blueprint, ...(await loadEntities(blueprint, signal)) })));
  return { actions, blueprints, runs };
}

function Catalogue({ actions, blueprints, runs }: LoadedCatalogue) {
  return (
    <div className="columns">
      <div>
        {blueprints.map(({ blueprint, entities, more }) => (
          <section key={blueprint} aria-label={heading(blueprint)}>
            <h2>{heading(blueprint)}</h2>
            <EntityList entities={entities} more={more} />
          </section>
        ))}
        <section aria-label="Latest runs">
          <h2>Latest runs</h2>
          <RunList runs={runs} empty="Nothing has been asked for yet." />
        </section>
      </div>
      <section aria-label="What you can ask for">
        <h2>What you can ask for</h2>
        <ActionList actions={actions} />
      </section>
    </div>
  );
}
