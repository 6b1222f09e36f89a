import type { RunSummary } from '../api/runs.js';
import { Link } from '../navigation/link.js';
import { runPath } from '../navigation/route.js';
import { durationInWords } from '../shown/duration.js';
import { Moment } from '../shown/moment.js';
import { StatusBadge } from '../shown/status-badge.js';
import { heading } from '../shown/wording.js';

export function RunTable({ runs, empty }: { runs: RunSummary[]; empty: string }) {
  if (runs.length === 0) return <p className="quiet">{empty}</p>;
  return (
    <div className="scroll-x" role="region" aria-label="Runs" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">On</th>
            <th scope="col">Status</th>
            <th scope="col">Started</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <Link to={runPath(run.id)}>{heading(run.action)}</Link>
              </td>
              <td>{run.entity.identifier}</td>
              <td>
                <StatusBadge status={run.status} />
              </td>
              <td>
                <Moment at={run.createdAt} />
              </td>
              <td>{run.endedAt ? durationInWords(Date.parse(run.endedAt) - Date.parse(run.createdAt)) : '…'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
