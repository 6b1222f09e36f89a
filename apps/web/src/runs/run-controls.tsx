import { useState } from 'react';
import type { ApiError } from '../api/call.js';
import type { Resource } from '../api/run-events.js';
import { demand, type Run, type RunDemand } from '../api/runs.js';
import { asApiError } from '../api/use-loaded.js';
import { Link } from '../navigation/link.js';
import { entityPath } from '../navigation/route.js';
import { ErrorNotice } from '../shown/notice.js';
import { possibleDemands } from './run-history.js';
import { SecretsAgain } from './secrets-again.js';

const words: Record<RunDemand, { button: string; asked: string; hint: string }> = {
  cancel: { button: 'Cancel', asked: 'Cancelling…', hint: 'Stops the run; what it has made is undone as its template says.' },
  retry: { button: 'Retry', asked: 'Retrying…', hint: 'Goes on from the step that failed.' },
  undo: { button: 'Undo', asked: 'Undoing…', hint: 'Removes what this run has left standing.' },
};

interface RunControlsProps {
  run: Run;
  resources: readonly Resource[];
  onAccepted: () => void;
}

/** Cancel, Retry and Undo, each only where it makes sense; after asking, until the run says that it has heard. */
export function RunControls({ run, resources, onAccepted }: RunControlsProps) {
  const [asked, setAsked] = useState<{ what: RunDemand; at: Run['status'] } | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [needsSecrets, setNeedsSecrets] = useState(false);
  const possible = possibleDemands(run, resources);
  const pending = asked !== null && asked.at === run.status ? asked.what : null;

  const ask = async (what: RunDemand, secrets?: Record<string, string>): Promise<void> => {
    if (!secrets) setError(null);
    setAsked({ what, at: run.status });
    try {
      await demand(run.id, what, secrets);
      setError(null);
      setNeedsSecrets(false);
      onAccepted();
    } catch (refused) {
      const reason = asApiError(refused);
      setAsked(null);
      setError(reason);
      setNeedsSecrets(reason.code === 'secrets_needed' || (secrets !== undefined && reason.details.length > 0));
    }
  };

  return (
    <div className="controls">
      {run.status === 'SUCCEEDED' && run.operation !== 'DELETE' && (
        <Link to={entityPath(run.entity)} className="button button-main">
          Open {run.entity.identifier}
        </Link>
      )}
      {(['retry', 'undo', 'cancel'] as const)
        .filter((what) => possible[what])
        .map((what) => (
          <button key={what} type="button" className="button" title={words[what].hint} disabled={pending !== null} onClick={() => void ask(what)}>
            {pending === what ? words[what].asked : words[what].button}
          </button>
        ))}
      {error && needsSecrets && <SecretsAgain run={run} error={error} sending={pending !== null} onSend={(secrets) => void ask('retry', secrets)} />}
      {error && !needsSecrets && <ErrorNotice error={error} />}
    </div>
  );
}
