import { Fragment, useEffect } from 'react';
import { Link } from '../navigation/link.js';
import { runPath } from '../navigation/route.js';

const lookAgainMs = 5_000;

/** Of a run that has not begun: the runs of its entity that go first. No event of this run tells when one of them has ended. */
export function RunsAhead({ ids, reload }: { ids: readonly string[]; reload: () => void }) {
  const waits = ids.length > 0;
  useEffect(() => {
    if (!waits) return;
    const timer = setInterval(reload, lookAgainMs);
    return () => clearInterval(timer);
  }, [waits, reload]);

  if (!waits) return null;
  return (
    <p className="quiet">
      Waits for {ids.length === 1 ? 'run' : 'runs'}{' '}
      {ids.map((id, index) => (
        <Fragment key={id}>
          {index > 0 && ', '}
          <Link to={runPath(id)}>{id}</Link>
        </Fragment>
      ))}
      : what is asked of one entity is done one after another.
    </p>
  );
}
