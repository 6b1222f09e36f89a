import { ApiClient, type Sender } from 'akeyless';
import { type Dispatcher, request } from 'undici';

/**
 * What the SDK sends a call by, in place of superagent: half as much of a processor goes into it. One per call, since the SDK has no other
 * place for a signal. Follows no redirect, which would carry token and body to wherever it points. Rejects in the shape of the SDK's own.
 */
export function sendingByUndici(url: string, dispatcher: Dispatcher, signal: AbortSignal): Sender {
  return {
    async callApi(path, method, ...rest) {
      const [body, returnType] = [rest[4], rest[8]];
      const answer = await send(`${url}${path}`, { method: method as 'POST', body: JSON.stringify(body), headers, dispatcher, signal });
      if (answer.status < 200 || answer.status > 299) throw new Refused(answer.status, answer.body, { headers: answer.headers });
      return { data: models.deserialize(answer, returnType) };
    },
  };
}

const models = new ApiClient();
const headers = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'slipway/0.1.0' };

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  body: unknown;
}

async function send(url: string, options: Parameters<typeof request>[1]): Promise<Answer> {
  try {
    const { statusCode: status, headers, body } = await request(url, options);
    const text = await body.text();
    const isJson = /[/+]json\b/.test(String(headers['content-type']));
    return { status, headers, text, body: isJson && text !== '' ? (JSON.parse(text) as unknown) : {} };
  } catch (error) {
    throw new Unanswered(error);
  }
}

/** What `classifyError` reads of an answer that refuses. */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly response: { headers: Record<string, unknown> },
  ) {
    super(`HTTP ${status}`);
  }
}

class Unanswered extends Error {
  constructor(readonly error: unknown) {
    super('no answer');
  }
}
