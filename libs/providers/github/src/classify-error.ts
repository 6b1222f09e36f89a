import { StepError } from '@slipway/engine';
import { RequestError } from 'octokit';

export interface FailedCall {
  /** Completes the sentence "Could not …". */
  what: string;
  write: boolean;
  /** Where the token comes from; a reference, so it may be shown. */
  tokenReference: string;
  now: Date;
}

/** What octokit and the network throw, as the engine understands it. */
export function classifyError(error: unknown, call: FailedCall): StepError {
  if (error instanceof StepError) return error;
  if (error instanceof RequestError && error.response) return classifyAnswer(error, error.response, call);
  return classifySilence(error, call);
}

type Answer = NonNullable<RequestError['response']>;

function classifyAnswer(error: RequestError, answer: Answer, call: FailedCall): StepError {
  const said = `Could not ${call.what}: GitHub answered ${answer.status} (${explain(answer.data) ?? error.message}).`;
  const retryAfterMs = rateLimitOf(answer, call.now);
  if (retryAfterMs !== undefined) {
    return new StepError('retry', 'github_rate_limited', `Could not ${call.what}: GitHub's rate limit is reached.`, {
      retryAfterMs,
      remedy: 'Nothing to do: it goes on once the limit is lifted. If it happens often, run fewer requests at once.',
      cause: error,
    });
  }
  switch (answer.status) {
    case 401:
      return new StepError('fatal', 'github_unauthorized', `Could not ${call.what}: GitHub does not accept our token.`, {
        remedy: `Put a valid token at ${call.tokenReference}; it may have expired or been revoked.`,
        cause: error,
      });
    case 403:
      return new StepError('fatal', 'github_forbidden', said, {
        remedy:
          'Give the token the permission that is missing (administration, contents and workflows: write), ' +
          'and check the rules of the organisation.',
        cause: error,
      });
    case 404:
      return new StepError('fatal', 'github_not_found', said, {
        remedy: 'Check the name; GitHub says "not found" too where the token has no access.',
        cause: error,
      });
    case 409:
      return new StepError('retry', 'github_conflict', said, { cause: error });
    case 422:
      return new StepError('fatal', 'github_rejected', said, { remedy: 'Change what GitHub names in its answer.', cause: error });
  }
  if (answer.status >= 500) {
    // A gateway answers 502 and 504 for work that may have been done behind it.
    const lost = call.write && (answer.status === 502 || answer.status === 504);
    return new StepError(lost ? 'lost' : 'retry', 'github_unavailable', said, {
      remedy: 'It is tried again. If it goes on, look at the status of GitHub.',
      cause: error,
    });
  }
  return new StepError('fatal', 'github_rejected', said, {
    remedy: 'Check the configuration of the GitHub integration.',
    cause: error,
  });
}

/**
 * How long to stay away, in ms; undefined where the answer is about something else. The primary limit shows as
 * `x-ratelimit-remaining: 0` with the time of reset in seconds; the secondary as 403 or 429, with `retry-after` in
 * seconds or nothing, and then GitHub asks for at least a minute (docs.github.com/rest, "Rate limits for the REST API").
 */
function rateLimitOf(answer: Answer, now: Date): number | undefined {
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  const { 'retry-after': retryAfter, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': reset } = answer.headers;
  if (retryAfter !== undefined && Number.isFinite(Number(retryAfter))) return Number(retryAfter) * 1000;
  if (remaining === '0' && reset !== undefined) return Math.max(1000, Number(reset) * 1000 - now.getTime());
  const secondary = /secondary rate|abuse detection/i.test(explain(answer.data) ?? '');
  return answer.status === 429 || secondary ? 60_000 : undefined;
}

/** `message` and what stands under `errors`, as GitHub's error bodies hold them. */
function explain(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { message, errors } = body as { message?: unknown; errors?: unknown };
  const details = (Array.isArray(errors) ? errors : []).map((entry: unknown) => {
    if (typeof entry === 'string') return entry;
    const { field, message: text, code } = (entry ?? {}) as Record<string, unknown>;
    return [field, text ?? code].filter((part) => typeof part === 'string').join(': ');
  });
  const text = [message, ...details].filter((part) => typeof part === 'string' && part !== '').join('; ');
  return text === '' ? undefined : text.replace(/\.$/, '');
}

/** No answer: what matters is whether the request can have arrived. */
function classifySilence(error: unknown, call: FailedCall): StepError {
  const { name, code, message } = rootOf(error);
  if (/^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code)) {
    return new StepError(
      'fatal',
      'github_certificate',
      `Could not ${call.what}: GitHub's certificate is not trusted (${code}).`,
      {
        remedy: 'Name the certificate authority in NODE_EXTRA_CA_CERTS, and check the API URL of the integration.',
        cause: error,
      },
    );
  }
  const neverSent = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(
    code,
  );
  const why = name === 'TimeoutError' ? 'no answer in time' : code || message;
  return new StepError(call.write && !neverSent ? 'lost' : 'retry', 'github_unreachable', `Could not ${call.what}: ${why}.`, {
    remedy: 'It is tried again. If it goes on, check the network and the API URL of the GitHub integration.',
    cause: error,
  });
}

function rootOf(error: unknown): { name: string; code: string; message: string } {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  if (!(root instanceof Error)) return { name: '', code: '', message: 'the connection failed' };
  const code = 'code' in root && typeof root.code === 'string' ? root.code : '';
  return { name: root.name, code, message: root.message };
}
