import { lazy, Suspense, useCallback } from 'react';
import { type Action, loadAction } from '../api/actions.js';
import { loadEntities } from '../api/entities.js';
import { useLoaded } from '../api/use-loaded.js';
import { Link } from '../navigation/link.js';
import { WhenLoaded } from '../shown/loading.js';
import { MissingPage } from '../shown/missing-page.js';
import { useTitle } from '../shown/use-title.js';

/** Most of the portal's code is the form library, which only this page needs. */
const ActionForm = lazy(async () => ({ default: (await import('./action-form.js')).ActionForm }));

/** What an action asks for. One that changes or deletes an entity also asks which; `entity` is chosen beforehand. */
export function ActionPage({ action: id, entity }: { action: string; entity: string | null }) {
  const loaded = useLoaded(useCallback((signal: AbortSignal) => loadWithEntities(id, signal), [id]));
  return (
    <WhenLoaded from={loaded}>
      {(found) => (found ? <RequestForm {...found} chosen={entity} /> : <MissingPage what={`There is no action ${id}.`} />)}
    </WhenLoaded>
  );
}

interface ActionWithEntities {
  action: Action;
  /** Identifiers to choose from; null where the action makes a new one. */
  entities: string[] | null;
}

async function loadWithEntities(id: string, signal: AbortSignal): Promise<ActionWithEntities | null> {
  const action = await loadAction(id, signal);
  if (!action) return null;
  if (action.operation === 'CREATE') return { action, entities: null };
  const { entities } = await loadEntities(action.blueprint, signal);
  return { action, entities: entities.filter(({ status }) => status !== 'deleting').map(({ identifier }) => identifier) };
}

function RequestForm({ action, entities, chosen }: ActionWithEntities & { chosen: string | null }) {
  useTitle(action.title);
  return (
    <div className="narrow">
      <p className="crumbs">
        <Link to="/">Catalogue</Link> / {action.blueprint}
      </p>
      <h1>{action.title}</h1>
      <p className="lead">{action.description}</p>
      <Suspense fallback={<p className="quiet loading">Loading…</p>}>
        <ActionForm action={action} entities={entities} chosen={chosen} />
      </Suspense>
    </div>
  );
}
