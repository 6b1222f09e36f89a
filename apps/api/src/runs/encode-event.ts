import type { RunEvent } from '@slipway/contracts';

/** Many readers may be handed the same event: it is put into words once. */
const encoded = new WeakMap<RunEvent, string>();

/** Server-Sent Events, https://html.spec.whatwg.org/multipage/server-sent-events.html. JSON holds no raw line break. */
export function encodeEvent(event: RunEvent): string {
  const known = encoded.get(event);
  if (known !== undefined) return known;
  const text = `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  encoded.set(event, text);
  return text;
}

/** A line that readers ignore and proxies count as life. */
export const keepAliveComment = ': still here\n\n';

/** Where a reader goes on: `?after=` and Last-Event-ID both name the last event it has; the later one counts. */
export function resumePoint(lastEventId: string | undefined, after: string | undefined): number {
  return Math.max(toSeq(lastEventId), toSeq(after));
}

function toSeq(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
