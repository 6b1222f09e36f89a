import type { Resource } from '../api/run-events.js';
import { ExternalLink } from '../navigation/external-link.js';
import { StatusBadge } from '../shown/status-badge.js';
import { resourceKindInWords } from '../shown/wording.js';

/** What was made outside, each with its link from the moment it is there. */
export function ResourceList({ resources, empty }: { resources: readonly Resource[]; empty: string }) {
  return (
    <ul className="rows" aria-live="polite" aria-relevant="additions">
      {resources.length === 0 && <li className="row quiet">{empty}</li>}
      {resources.map((resource) => (
        <li key={`${resource.kind} ${resource.externalId}`} className="row resource" data-kind={resource.kind} data-status={resource.state}>
          <div className="row-main">
            <div>{isThere(resource) && resource.url ? <ExternalLink url={resource.url}>{resource.title}</ExternalLink> : resource.title}</div>
            <div className="quiet small">{resourceKindInWords(resource.kind)}</div>
          </div>
          <StatusBadge status={resource.state} />
        </li>
      ))}
    </ul>
  );
}

function isThere({ state }: Resource): boolean {
  return state === 'CREATED' || state === 'KEPT' || state === 'REMOVE_FAILED';
}
