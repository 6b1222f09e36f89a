import { useCallback, useEffect, useState } from 'react';
import { ApiError } from './call.js';

export type Loaded<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; error: ApiError };

/**
 * Loads when `load` changes (keep it with useCallback) and again every `everyMs` while the page is in view. What was
 * shown stays until the next answer; a failed reload of something already shown is passed over.
 */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, everyMs: number | null = null): Loaded<T> & { reload: () => void } {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((last) => last + 1), []);

  useEffect(() => setLoaded({ state: 'loading' }), [load]);

  useEffect(() => {
    const stop = new AbortController();
    load(stop.signal).then(
      (value) => {
        if (!stop.signal.aborted) setLoaded({ state: 'ready', value });
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setLoaded((last) => (last.state === 'ready' ? last : { state: 'failed', error: asApiError(error) }));
      },
    );
    return () => stop.abort();
  }, [load, round]);

  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);

  return { ...loaded, reload };
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  console.error(error);
  return new ApiError(0, 'unexpected', 'This page could not read what Slipway answered. Reload it; if it stays so, tell your platform team.');
}
