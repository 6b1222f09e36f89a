import type { ReactNode } from 'react';
import type { Loaded } from '../api/use-loaded.js';
import { ErrorNotice } from './notice.js';

/** Shows `children` with what was loaded; before that, that it is coming or why it is not. */
export function WhenLoaded<T>({ from, children }: { from: Loaded<T> & { reload: () => void }; children: (value: T) => ReactNode }) {
  if (from.state === 'failed') return <ErrorNotice error={from.error} onAgain={from.reload} />;
  if (from.state === 'loading') return <p className="quiet loading">Loading…</p>;
  return children(from.value);
}
