import type { ReactNode } from 'react';
import type { ApiError } from '../api/call.js';
import type { Failure } from '../api/runs.js';

/** Something a person should see now; read out as soon as it appears. */
export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="notice" role="alert">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

export function ErrorNotice({ error, onAgain }: { error: ApiError; onAgain?: () => void }) {
  return (
    <Notice title={error.message}>
      {onAgain && (
        <button type="button" className="button" onClick={onAgain}>
          Try again
        </button>
      )}
    </Notice>
  );
}

/** What happened, and what to do next. */
export function FailureNotice({ title, failure }: { title: string; failure: Failure }) {
  return (
    <Notice title={title}>
      <p>{failure.message}</p>
      {failure.remedy && <p className="remedy">{failure.remedy}</p>}
      <p className="quiet small">
        Code: <code>{failure.code}</code>
      </p>
    </Notice>
  );
}
