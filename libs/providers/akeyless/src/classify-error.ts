import { readNetworkFailure, SecretValues, StepError } from '@slipway/engine';
import { z } from 'zod';
import { fragmentError, readFragmentTrouble } from './customer-fragment.js';

/** What a call is for, as its errors name it. */
export interface Call {
  /** Continues a sentence: `create target /slipway/shop`. */
  doing: string;
  /** Whether Akeyless holds something else afterwards: then a call whose answer got lost is `lost`, not `retry`. */
  writes: boolean;
  signal?: AbortSignal;
  /** Secret values in the request, taken out of whatever comes back. */
  sends?: readonly string[];
}

/** What a call of the SDK rejects with: a status where Akeyless answered. */
const Rejection = z.object({
  status: z.number().optional().catch(undefined),
  body: z.object({ error: z.string() }).optional().catch(undefined),
  response: z
    .object({ headers: z.record(z.string(), z.unknown()).optional() })
    .optional()
    .catch(undefined),
  error: z.unknown().optional(),
});

/**
 * A failure of Akeyless or of the way to it, as the engine understands it. What it rejects with may quote the request, token
 * and passwords included, so nothing of it is passed on, not even as a cause, but the answer's error text without `sends`.
 */
export function classifyError(error: unknown, call: Call): StepError {
  if (error instanceof StepError) return error;
  const { status, body, response, error: inner } = Rejection.safeParse(error).data ?? { error };
  if (status === undefined) return classifyNetwork(inner, call);
  const text = redact(body?.error ?? '', call.sends ?? []).slice(0, 300);
  const retryAfter = Number(response?.headers?.['retry-after']);
  return classifyAnswer(status, text, Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined, call);
}

function redact(text: string, secrets: readonly string[]): string {
  const values = new SecretValues();
  for (const secret of secrets) values.add(secret);
  return values.redact(text);
}

/** The Gateway's own words when the database does not answer it. */
const UNREACHABLE = /dial tcp|connection refused|no such host|i\/o timeout|deadline exceeded|bad connection/i;

function classifyAnswer(status: number, text: string, retryAfterMs: number | undefined, call: Call): StepError {
  const could = `Akeyless could not ${call.doing}`;
  const said = text === '' ? ` (HTTP ${status})` : `: ${text}`;
  if (status === 401) {
    return new StepError('fatal', 'akeyless_unauthorized', `${could}${said}`, {
      remedy: 'Check the access key that akeyless.accessKey points to, then retry.',
    });
  }
  if (status === 403) return forbidden(call, said);
  // Akeyless' own tests match these words; which status comes with them is documented nowhere.
  if (status === 409 || /AlreadyExists|already exists|Conflict/i.test(text)) {
    return new StepError('fatal', 'akeyless_already_exists', `${could}: there is one of that name already.`, {
      remedy: 'Choose another name, or remove what is there.',
    });
  }
  // Whoever knows Akeyless' API says why. Taken for "there is no such thing", this would lose what there is.
  if (text === '' && (status < 400 || [400, 404, 405].includes(status))) {
    return new StepError('fatal', 'akeyless_wrong_url', `${could}: what answers there is not Akeyless' API (HTTP ${status}).`);
  }
  const trouble = readFragmentTrouble(text);
  if (trouble) return fragmentError(trouble, could);
  if (status === 404 || (status === 400 && /\bNotFound\b/i.test(text))) {
    return new StepError('fatal', 'akeyless_not_found', `${could}${said}`, {
      remedy: 'See whether someone removed it, then retry the run.',
    });
  }
  if (status === 429) {
    return new StepError('retry', 'akeyless_busy', `${could}: it asks us to slow down.`, {
      retryAfterMs: retryAfterMs ?? 2_000,
      remedy: 'It is tried again. If it happens often, run fewer requests at once.',
    });
  }
  if (UNREACHABLE.test(text)) {
    return new StepError('retry', 'akeyless_database_unreachable', `${could}: its Gateway does not reach the database${said}`, {
      remedy: 'Check that the database runs, and that host and port of the target are right as the Gateway sees them.',
    });
  }
  if (status >= 500 || status === 408) {
    return new StepError('retry', 'akeyless_unavailable', `${could}${said}`, {
      remedy: 'It is tried again. If it goes on, check the health of the Gateway.',
    });
  }
  return new StepError('fatal', 'akeyless_refused', `${could}${said}`, { remedy: 'Correct what the text names, then retry.' });
}

export function forbidden(call: Call, said = ''): StepError {
  return new StepError(
    'fatal',
    'akeyless_forbidden',
    `Akeyless does not let Slipway ${call.doing}${said}, or there is no such thing.`,
    {
      // To those it does not let see an item, Akeyless answers the same whether it exists or not.
      remedy: "Give the role of Slipway's access id this capability on the path (by a rule for items, targets, roles or auth methods), then retry.",
    },
  );
}

/** Node's words where the other side answers a TLS greeting in plain HTTP. */
const NO_TLS = /^EPROTO$|^ERR_SSL_/;

function classifyNetwork(error: unknown, call: Call): StepError {
  const { outcome, code, why } = readNetworkFailure(error);
  if (outcome === 'untrusted') {
    return new StepError(
      'fatal',
      'akeyless_untrusted',
      `Could not ${call.doing}: the Gateway's certificate is not trusted (${code}).`,
      {
        remedy: 'Configure akeyless.ca, the path of the certificate authority that signed it.',
      },
    );
  }
  if (NO_TLS.test(code)) {
    return new StepError('fatal', 'akeyless_wrong_url', `Could not ${call.doing}: what answers there does not speak TLS (${code}).`);
  }
  if (outcome === 'unsent' || !call.writes) {
    return new StepError('retry', 'akeyless_unreachable', `Could not ${call.doing}: Akeyless does not answer: ${why}.`, {
      remedy: 'It is tried again. If it goes on, check that the Gateway is up.',
    });
  }
  return new StepError('lost', 'akeyless_answer_lost', `It is unknown whether Akeyless managed to ${call.doing}: ${why}.`, {
    remedy: 'It is looked for and tried again. If it goes on, check the Gateway and the network.',
  });
}
