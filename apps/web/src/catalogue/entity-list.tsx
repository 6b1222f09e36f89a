import type { Entity } from '../api/entities.js';
import { ExternalLink } from '../navigation/external-link.js';
import { Link } from '../navigation/link.js';
import { entityPath } from '../navigation/route.js';
import { StatusBadge } from '../shown/status-badge.js';

export function EntityList({ entities, more }: { entities: Entity[]; more: boolean }) {
  if (entities.length === 0) return <p className="quiet">None yet. Ask for the first one.</p>;
  return (
    <>
      <ul className="cards">
        {entities.map((entity) => (
          <li key={entity.identifier} className="card">
            <div className="card-head">
              <h3>
                <Link to={entityPath(entity)}>{entity.title}</Link>
              </h3>
              <StatusBadge status={entity.status} />
            </div>
            <p className="quiet small">
              {entity.team ? `${entity.team} · ` : ''}
              {entity.createdBy}
            </p>
            {entity.links.length > 0 && (
              <ul className="inline">
                {entity.links.map((link) => (
                  <li key={link.kind + link.url}>
                    <ExternalLink url={link.url}>{link.title}</ExternalLink>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      {more && <p className="quiet small">Only the first hundred are shown.</p>}
    </>
  );
}
