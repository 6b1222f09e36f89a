import { useCallback, useEffect, useRef, useState } from 'react';
import { followRun, type RunEvent } from '../api/run-events.js';
import { isOver } from '../api/runs.js';
import { emptyHistory, type RunHistory, withEvents } from './run-history.js';

/** Events that come close together are shown together. */
const gatherMs = 40;

type Connection = 'connecting' | 'live' | 'interrupted' | 'ended' | 'refused';

interface FollowedRun {
  history: RunHistory;
  connection: Connection;
  /** The run was asked to go on: follow it again, also while its last word is still that it is over. */
  expectMore: () => void;
}

/** A run's whole history, then live until it ends. Give a page that may change its run a key, so that it begins anew. */
export function useRunHistory(runId: string): FollowedRun {
  const [history, setHistory] = useState(emptyHistory);
  const [connection, setConnection] = useState<Connection>('connecting');
  const [round, setRound] = useState(0);
  const latest = useRef(emptyHistory);
  const moreExpected = useRef(false);

  useEffect(() => {
    let gathered: RunEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      timer = undefined;
      latest.current = withEvents(latest.current, gathered);
      gathered = [];
      setHistory(latest.current);
    };
    const stop = followRun(runId, latest.current.seq, {
      onEvent(event) {
        gathered.push(event);
        if (event.type === 'run') moreExpected.current = false;
        timer ??= setTimeout(show, gatherMs);
      },
      onOpen: () => setConnection('live'),
      onInterrupted() {
        show();
        const over = latest.current.status !== null && isOver(latest.current.status) && !moreExpected.current;
        setConnection(over ? 'ended' : 'interrupted');
        return over ? 'stop' : 'resume';
      },
      onRefused: () => setConnection('refused'),
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [runId, round]);

  const expectMore = useCallback(() => {
    moreExpected.current = true;
    setRound((last) => last + 1);
  }, []);
  return { history, connection, expectMore };
}
