import { useEffect, useRef, useState } from 'react';
import type { LogEvent } from '../api/run-events.js';
import type { Step } from '../api/runs.js';

/** More lines than this are put on the page only when asked for. */
const shownLines = 1_000;
/** As near to the end as this, in pixels, counts as reading along. */
const nearEnd = 40;

interface RunLogProps {
  lines: readonly LogEvent[];
  steps: readonly Step[];
  live: boolean;
}

/** The log; it scrolls along while its end is in view, and stays where a reader has scrolled to otherwise. */
export function RunLog({ lines, steps, live }: RunLogProps) {
  const box = useRef<HTMLDivElement>(null);
  const followsEnd = useRef(true);
  const [all, setAll] = useState(false);
  const hidden = all ? 0 : Math.max(0, lines.length - shownLines);
  const names = new Map(steps.map(({ id, name }) => [id, name]));

  useEffect(() => {
    if (followsEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);

  const noteScroll = (): void => {
    const { current } = box;
    if (current) followsEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < nearEnd;
  };

  return (
    <section aria-labelledby="log-heading">
      <div className="section-head">
        <h2 id="log-heading">Log</h2>
        <span className="quiet small">
          {lines.length} {lines.length === 1 ? 'line' : 'lines'}
          {live && ' · live'}
        </span>
      </div>
      {hidden > 0 && (
        <button type="button" className="button button-plain" onClick={() => setAll(true)}>
          Show the {hidden} earlier lines
        </button>
      )}
      <div className="log" role="log" aria-live="polite" aria-labelledby="log-heading" tabIndex={0} ref={box} onScroll={noteScroll}>
        {lines.length === 0 && <p className="log-empty">Nothing has been written yet.</p>}
        {lines.slice(hidden).map((line) => (
          <div key={line.seq} className={`log-line log-${line.level}`}>
            <time className="log-time" dateTime={line.at}>
              {timeOfDay(line.at)}
            </time>
            <span className="log-text">
              {line.stepId !== null && <span className="log-step">{names.get(line.stepId) ?? line.stepId}: </span>}
              {line.level !== 'info' && line.level !== 'debug' && <span className="for-readers">{line.level}: </span>}
              {line.message}
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}

function timeOfDay(at: string): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
}
