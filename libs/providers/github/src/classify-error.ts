import { readNetworkFailure, StepError } from '@slipway/engine';
import { RequestError } from 'octokit';
import { readRateLimit } from './rate-limit.js';

export interface FailedCall {
  /** Completes the sentence "Could not …". */
  what: string;
  write: boolean;
  /** Where the token comes from; a reference, so it may be shown. */
  tokenReference: string;
  now: Date;
}

/**
 * What octokit and the network throw, as the engine understands it. Octokit's error holds the whole request, so it is not
 * passed on as a cause: every text here is made from what GitHub answered.
 */
export function classifyError(error: unknown, call: FailedCall): StepError {
  if (error instanceof StepError) return error;
  if (error instanceof RequestError && error.response) return classifyAnswer(error.response, call);
  return classifySilence(error, call);
}

type Answer = NonNullable<RequestError['response']>;

function classifyAnswer(answer: Answer, call: FailedCall): StepError {
  const said = `Could not ${call.what}: GitHub answered ${answer.status}${because(answer.data)}.`;
  const retryAfterMs = readRateLimit(answer, call.now);
  if (retryAfterMs !== undefined) {
    return new StepError('retry', 'github_rate_limited', `Could not ${call.what}: GitHub's rate limit is reached.`, {
      retryAfterMs,
      remedy: 'Nothing to do: it goes on once the limit is lifted. If it happens often, run fewer requests at once.',
    });
  }
  switch (answer.status) {
    case 401:
      return new StepError('fatal', 'github_unauthorized', `Could not ${call.what}: GitHub does not accept our token.`, {
        remedy: `Put a valid token at ${call.tokenReference}; it may have expired or been revoked.`,
      });
    case 403:
      if (said.includes('Upgrade to GitHub')) {
        return new StepError('fatal', 'github_plan', said, { remedy: "The organisation's plan has this for public repositories alone: change it, or leave the step out." });
      }
      return new StepError('fatal', 'github_forbidden', said, {
        remedy:
          'Give the token the permission that is missing (administration, contents, workflows and packages: write), ' +
          'and check the rules of the organisation.',
      });
    case 404:
      return new StepError('fatal', 'github_not_found', said, {
        remedy: 'Check the name; GitHub says "not found" too where the token has no access.',
      });
    case 409:
      return new StepError('retry', 'github_conflict', said, {
        remedy: 'It is tried again. If it goes on, see who else changes this repository.',
      });
    case 410:
      return new StepError('fatal', 'github_turned_off', said, { remedy: 'Turn it on in the settings of the repository, or leave the step out.' });
    case 422:
      return new StepError('fatal', 'github_rejected', said, { remedy: 'Change what GitHub names in its answer.' });
  }
  if (answer.status >= 500) {
    // A gateway answers 502 and 504 for work that may have been done behind it.
    const lost = call.write && (answer.status === 502 || answer.status === 504);
    return new StepError(lost ? 'lost' : 'retry', 'github_unavailable', said, {
      remedy: 'It is tried again. If it goes on, look at the status of GitHub.',
    });
  }
  return new StepError('fatal', 'github_rejected', said, {
    remedy: 'Check the configuration of the GitHub integration.',
  });
}

function because(body: unknown): string {
  const text = explain(body);
  return text === undefined ? '' : ` (${text})`;
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

function classifySilence(error: unknown, call: FailedCall): StepError {
  const { outcome, why } = readNetworkFailure(error);
  const message = `Could not ${call.what}: ${why}.`;
  if (outcome === 'untrusted') {
    return new StepError('fatal', 'github_certificate', message, {
      remedy: 'Name the certificate authority in NODE_EXTRA_CA_CERTS, and check the API URL of the integration.',
    });
  }
  return new StepError(call.write && outcome === 'unknown' ? 'lost' : 'retry', 'github_unreachable', message, {
    remedy: 'It is tried again. If it goes on, check the network, and the API URL and token of the GitHub integration.',
  });
}
