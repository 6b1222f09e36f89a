import { useCallback, useEffect } from 'react';
import { isOver, loadRun, type Run } from '../api/runs.js';
import { useLoaded } from '../api/use-loaded.js';
import { Link } from '../navigation/link.js';
import { entityPath } from '../navigation/route.js';
import { durationInWords } from '../shown/duration.js';
import { WhenLoaded } from '../shown/loading.js';
import { MissingPage } from '../shown/missing-page.js';
import { Moment } from '../shown/moment.js';
import { FailureNotice } from '../shown/notice.js';
import { StatusBadge } from '../shown/status-badge.js';
import { useNow } from '../shown/use-now.js';
import { useTitle } from '../shown/use-title.js';
import { heading, resourcesInWords } from '../shown/wording.js';
import { ResourceList } from './resource-list.js';
import { RunControls } from './run-controls.js';
import { runWithHistory } from './run-history.js';
import { RunLog } from './run-log.js';
import { RunOutputSection } from './run-output.js';
import { RunsAhead } from './runs-ahead.js';
import { StepList } from './step-list.js';
import { useRunHistory } from './use-run-history.js';

export function RunPage({ id }: { id: string }) {
  const loaded = useLoaded(useCallback((signal: AbortSignal) => loadRun(id, signal), [id]));
  return (
    <WhenLoaded from={loaded}>
      {(run) => (run ? <LiveRun run={run} reload={loaded.reload} /> : <MissingPage what={`There is no run ${id}, or it is not yours to see.`} />)}
    </WhenLoaded>
  );
}

function LiveRun({ run: loaded, reload }: { run: Run; reload: () => void }) {
  const { history, connection, expectMore } = useRunHistory(loaded.id);
  const run = runWithHistory(loaded, history);
  const over = isOver(run.status);
  const now = useNow(!over);
  useTitle(`${heading(run.action)}: ${run.entity.identifier}`);

  // What events do not tell (when it ended) is read once more when they do.
  useEffect(() => {
    if (connection === 'ended') reload();
  }, [connection, reload]);

  const endedAt = over && loaded.endedAt ? Date.parse(loaded.endedAt) : now;
  return (
    <>
      <div className="page-head">
        <div>
          <p className="crumbs">
            <Link to="/">Catalogue</Link> / <Link to={entityPath(run.entity)}>{run.entity.identifier}</Link>
          </p>
          <h1>{heading(run.action)}</h1>
          <p className="quiet">
            <span role="status">
              <StatusBadge status={run.status} />
            </span>{' '}
            {durationInWords(endedAt - Date.parse(run.createdAt))} · asked for by {run.requestedBy}, <Moment at={run.createdAt} /> · <code>{run.id}</code>
          </p>
        </div>
        <RunControls run={run} resources={history.resources} onAccepted={expectMore} />
      </div>
      <RunsAhead ids={run.behind} reload={reload} />
      {connection === 'refused' && <p className="quiet">The live log is not to be had. Reload the page to try again.</p>}
      {connection === 'interrupted' && !over && <p className="quiet">The connection broke; it is being taken up again…</p>}
      {run.failure && <FailureNotice title={run.status === 'CANCELLED' ? 'This run was cancelled' : 'This run failed'} failure={run.failure} />}
      <RunOutputSection output={run.output} />
      <div className="columns columns-even">
        <section aria-label="Steps">
          <h2>Steps</h2>
          <StepList steps={run.steps} now={now} toldAbove={run.failure} />
        </section>
        <section aria-label={resourcesInWords[run.operation]}>
          <h2>{resourcesInWords[run.operation]}</h2>
          <ResourceList resources={history.resources} empty={over ? 'Nothing.' : 'Nothing yet.'} />
        </section>
      </div>
      <RunLog lines={history.lines} steps={run.steps} live={connection === 'live' && !over} />
    </>
  );
}
