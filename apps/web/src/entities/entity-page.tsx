import { useCallback } from 'react';
import { type ActionSummary, loadActions } from '../api/actions.js';
import { type Entity, loadEntity } from '../api/entities.js';
import { loadRuns, type RunSummary } from '../api/runs.js';
import { useLoaded } from '../api/use-loaded.js';
import { ActionList } from '../catalogue/action-list.js';
import { ExternalLink } from '../navigation/external-link.js';
import { Link } from '../navigation/link.js';
import { ResourceList } from '../runs/resource-list.js';
import { RunList } from '../runs/run-list.js';
import { WhenLoaded } from '../shown/loading.js';
import { MissingPage } from '../shown/missing-page.js';
import { Moment } from '../shown/moment.js';
import { StatusBadge } from '../shown/status-badge.js';
import { useTitle } from '../shown/use-title.js';
import { PropertyList } from './property-list.js';
import { RepositoryFacts } from './repository-facts.js';
import { useEntityResources } from './use-entity-resources.js';

const refreshMs = 3_000;

export function EntityPage({ blueprint, id }: { blueprint: string; id: string }) {
  useTitle(id);
  const loaded = useLoaded(
    useCallback((signal: AbortSignal) => loadWithRuns(blueprint, id, signal), [blueprint, id]),
    refreshMs,
  );
  return (
    <WhenLoaded from={loaded}>
      {({ entity, runs, actions }) =>
        entity ? <EntityDetails entity={entity} runs={runs} actions={actions} /> : <GoneEntity blueprint={blueprint} id={id} runs={runs} />
      }
    </WhenLoaded>
  );
}

interface EntityWithRuns {
  entity: Entity | null;
  runs: RunSummary[];
  actions: ActionSummary[];
}

async function loadWithRuns(blueprint: string, id: string, signal: AbortSignal): Promise<EntityWithRuns> {
  const [entity, runs, actions] = await Promise.all([
    loadEntity(blueprint, id, signal),
    loadRuns({ blueprint, entity: id }, 20, signal),
    loadActions(signal),
  ]);
  return { entity, runs, actions: actions.filter((action) => action.blueprint === blueprint && action.operation !== 'CREATE') };
}

function EntityDetails({ entity, runs, actions }: EntityWithRuns & { entity: Entity }) {
  const resources = useEntityResources(runs.filter(({ createdAt }) => createdAt >= entity.createdAt).map(({ id }) => id));
  return (
    <>
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/">Catalogue</Link> / {entity.blueprint}
          </p>
          <h1>{entity.title}</h1>
          <p className="quiet">
            <span role="status">
              <StatusBadge status={entity.status} />
            </span>{' '}
            {entity.team && `${entity.team} · `}created by {entity.createdBy}, <Moment at={entity.createdAt} />
          </p>
        </div>
      </div>
      {entity.links.length > 0 && (
        <ul className="inline link-bar" aria-label="Links">
          {entity.links.map((link) => (
            <li key={link.kind + link.url}>
              <ExternalLink url={link.url}>{link.title}</ExternalLink>
            </li>
          ))}
        </ul>
      )}
      <div className="columns">
        <div>
          <section aria-label="Properties">
            <h2>Properties</h2>
            <PropertyList properties={entity.properties} />
            <RepositoryFacts properties={entity.properties} />
          </section>
          <section aria-label="What it consists of">
            <h2>What it consists of</h2>
            <ResourceList resources={resources} empty="Nothing yet." />
          </section>
          <section aria-label="Runs">
            <h2>Runs</h2>
            <RunList runs={runs} entity={entity.identifier} empty="None." />
          </section>
        </div>
        <section aria-label="What you can do with it">
          <h2>What you can do with it</h2>
          <ActionList actions={actions} entity={entity.identifier} />
        </section>
      </div>
    </>
  );
}

function GoneEntity({ blueprint, id, runs }: { blueprint: string; id: string; runs: RunSummary[] }) {
  if (runs.length === 0) return <MissingPage what={`There is no ${blueprint} “${id}”, or it is not yours to see.`} />;
  return (
    <>
      <p className="crumbs">
        <Link to="/">Catalogue</Link> / {blueprint}
      </p>
      <h1>{id}</h1>
      <p>This {blueprint} is no longer there. These runs worked on it:</p>
      <RunList runs={runs} entity={id} empty="" />
    </>
  );
}
