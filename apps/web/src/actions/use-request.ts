import { useRef, useState } from 'react';
import { requestRun, type RunRequest } from '../api/runs.js';
import { asApiError } from '../api/use-loaded.js';
import type { SplitPage } from './form-page.js';
import { newIdempotencyKey } from './idempotency-key.js';
import { type PlacedIssues, placeIssues } from './server-issues.js';

/** The run that was accepted; or the first page with a fault on it, null where the fault belongs to none. */
type RequestOutcome = { run: string } | { page: number | null };

/** Sends a request. The same one sent again (the answer got lost) is the same run: it keeps its key until it changes. */
export function useRequest(action: string, pages: readonly SplitPage[]) {
  const none: PlacedIssues = { pages: pages.map(() => []), others: [] };
  const [issues, setIssues] = useState(none);
  const [sending, setSending] = useState(false);
  const last = useRef<{ request: string; key: string } | null>(null);

  const send = async (request: RunRequest): Promise<RequestOutcome> => {
    const text = JSON.stringify(request);
    if (last.current?.request !== text) last.current = { request: text, key: newIdempotencyKey() };
    setSending(true);
    setIssues(none);
    try {
      return { run: await requestRun(action, request, last.current.key) };
    } catch (refused) {
      const error = asApiError(refused);
      const placed = placeIssues(error.details, pages);
      if (error.details.length === 0) placed.others.push(error.message);
      setIssues(placed);
      const page = placed.pages.findIndex((found) => found.length > 0);
      return { page: page === -1 ? null : page };
    } finally {
      setSending(false);
    }
  };

  /** Faults that the server found on a page are old as soon as something on it changes. */
  const clear = (page: number): void => {
    if (issues.others.length === 0 && !issues.pages[page]?.length) return;
    setIssues({ pages: issues.pages.map((found, index) => (index === page ? [] : found)), others: [] });
  };

  return { send, sending, issues, clear };
}
