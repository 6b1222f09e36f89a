import { TextDecoderStream } from 'node:stream/web';

/**
 * Reads a Server-Sent Events body: yields `{ id, event, data }` for each event, `data` as text
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). Comments are skipped.
 */
export async function* readServerSentEvents(body) {
  let event = {};
  for await (const line of lines(body)) {
    if (line === '') {
      if (event.data !== undefined) yield event;
      event = {};
    } else {
      takeField(event, line);
    }
  }
}

function takeField(event, line) {
  const colon = line.indexOf(':');
  if (colon === 0) return;
  const field = colon < 0 ? line : line.slice(0, colon);
  const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (field === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`;
  else if (field === 'id' || field === 'event') event[field] = value;
}

async function* lines(body) {
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop();
    yield* parts;
  }
}
