import type { RunSummary } from '../api/runs.js';
import { Link } from '../navigation/link.js';
import { runPath } from '../navigation/route.js';
import { durationInWords } from '../shown/duration.js';
import { Moment } from '../shown/moment.js';
import { StatusBadge } from '../shown/status-badge.js';
import { heading } from '../shown/wording.js';

/** Runs, newest first as they come. `entity` is the one they are all about, where that need not be said again. */
export function RunList({ runs, entity, empty }: { runs: RunSummary[]; entity?: string; empty: string }) {
  if (runs.length === 0) return <p className="quiet">{empty}</p>;
  return (
    <ul className="rows">
      {runs.map((run) => (
        <li key={run.id} className="row">
          <div className="row-main">
            <Link to={runPath(run.id)}>{heading(run.action)}</Link>
            {run.entity.identifier !== entity && <span> · {run.entity.identifier}</span>}
            <div className="quiet small">
              <Moment at={run.createdAt} />
              {run.endedAt && ` · took ${durationInWords(Date.parse(run.endedAt) - Date.parse(run.createdAt))}`} · {run.requestedBy}
            </div>
          </div>
          <StatusBadge status={run.status} />
        </li>
      ))}
    </ul>
  );
}
