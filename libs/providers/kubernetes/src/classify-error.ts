import { ApiException } from '@kubernetes/client-node';
import { readNetworkFailure, StepError } from '@slipway/engine';
import { z } from 'zod';

/** What a call is for, as its errors name it. */
export interface Call {
  /** Continues a sentence: `create namespace shop`. */
  doing: string;
  /** Whether the cluster is another one afterwards: then a call whose answer got lost is `lost`, not `retry`. */
  writes: boolean;
  /** Whether it sends secret values: what the API server says of the body, of which it may quote any part, is not repeated. */
  confidential?: boolean;
  signal?: AbortSignal;
}

/**
 * A failure of the API server or of the way to it, as the engine understands it. The client's own message holds the whole
 * body and all headers, so nothing of it is passed on, not even as a cause: every text here is made from parsed fields.
 */
export function classifyError(error: unknown, call: Call): StepError {
  if (error instanceof StepError) return error;
  if (error instanceof ApiException) return classifyAnswer(error.code, parseStatus(error.body), error.headers, call);
  if (isUnknownKind(error)) return unknownKind(error.message, call);
  return classifyNetwork(error, call);
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
const Status = z.object({
  reason: z.string().catch(''),
  message: z.string().catch(''),
  details: z
    .object({
      retryAfterSeconds: z.number().optional().catch(undefined),
      causes: z
        .array(z.object({ reason: z.string().catch(''), message: z.string().catch(''), field: z.string().catch('') }))
        .catch([]),
    })
    .catch({ causes: [] }),
});
type Status = z.infer<typeof Status>;

/** The client hands the body over as a string for statuses its schema does not name, and as an object for the others. */
function parseStatus(body: unknown): Status {
  const parsed = Status.safeParse(typeof body === 'string' ? parseJson(body) : body);
  return parsed.success ? parsed.data : { reason: '', message: '', details: { causes: [] } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function classifyAnswer(code: number, status: Status, headers: Record<string, string>, call: Call): StepError {
  const could = `Kubernetes could not ${call.doing}`;
  const said = call.confidential || !status.message ? '' : ` (${status.message.slice(0, 300)})`;
  switch (code) {
    case 401:
      return new StepError('fatal', 'kubernetes_unauthorized', `${could}: it does not accept our credential.`, {
        remedy: 'Renew the token or certificate in the kubeconfig that Slipway is configured with, then retry; no restart is needed.',
      });
    case 403:
      return forbidden(could, status);
    case 404:
      return new StepError('fatal', 'kubernetes_not_found', `${could}: ${status.message || 'it does not exist.'}`, {
        remedy: 'See whether someone removed it, then retry the run.',
      });
    case 409:
      return conflict(could, status);
    case 422:
      return new StepError('fatal', 'kubernetes_invalid', `${could}: the API server finds it invalid${fieldsOf(status)}.`, {
        remedy: 'Correct the fields named, in the template or in what was asked for. Some fields cannot change after creation.',
      });
    case 429:
      return new StepError('retry', 'kubernetes_busy', `${could}: the API server asks us to slow down.`, {
        retryAfterMs: retryAfterMs(status, headers),
        remedy: 'It is tried again. If it happens often, run fewer requests at once.',
      });
    default:
      if (code >= 500 || code === 410 || code === 408) {
        return new StepError('retry', 'kubernetes_unavailable', `${could}: the API server answered ${code}${said}.`, {
          remedy: 'It is tried again. If it goes on, look at the health of the API server.',
        });
      }
      return new StepError('fatal', 'kubernetes_refused', `${could}: the API server answered ${code}${said}.`, {
        remedy: 'Check that this version of Kubernetes serves what is asked for.',
      });
  }
}

function forbidden(could: string, status: Status): StepError {
  if (status.details.causes.some((cause) => cause.reason === 'NamespaceTerminating')) {
    return new StepError('retry', 'kubernetes_namespace_terminating', `${could}: its namespace is still being deleted.`, {
      retryAfterMs: 2_000,
      remedy: 'It is tried again. If it goes on, see in the status of the namespace what holds it.',
    });
  }
  return new StepError('fatal', 'kubernetes_forbidden', `${could}: ${status.message || 'our account is not allowed to.'}`, {
    remedy: 'Give the service account of Slipway this right by a role and a binding (docs/manifests/kubernetes-rights.yaml), then retry.',
  });
}

function conflict(could: string, status: Status): StepError {
  if (status.reason === 'AlreadyExists') {
    return new StepError('fatal', 'kubernetes_already_exists', `${could}: there is one of that name already.`, {
      remedy: 'Choose another name, or remove what is there.',
    });
  }
  const owned = status.details.causes.filter((cause) => cause.reason === 'FieldManagerConflict');
  if (owned.length > 0) {
    const fields = owned.map((cause) => `${cause.field} (${cause.message})`).join(', ');
    return new StepError('fatal', 'kubernetes_conflict', `${could}: somebody else owns ${fields}.`, {
      remedy: 'Agree with the manager named who sets these fields. Slipway never takes them over by force.',
    });
  }
  return new StepError('retry', 'kubernetes_changed_meanwhile', `${could}: it changed at the same time.`, {
    remedy: 'It is tried again, with a new look at it.',
  });
}

/** Fields and reasons only: the message repeats the bad value, which may be a secret. */
function fieldsOf(status: Status): string {
  const fields = status.details.causes.map((cause) => `${cause.field} (${cause.reason})`);
  return fields.length > 0 ? `: ${fields.join(', ')}` : '';
}

function retryAfterMs(status: Status, headers: Record<string, string>): number {
  const seconds = Number(headers['retry-after'] ?? status.details.retryAfterSeconds);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 1_000;
}

/** `KubernetesObjectApi` looks kinds up in discovery and throws a plain Error for those the cluster does not serve. */
function isUnknownKind(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('Unrecognized API version and kind');
}

function unknownKind(message: string, call: Call): StepError {
  return new StepError('fatal', 'kubernetes_unknown_kind', `Kubernetes could not ${call.doing}. ${message}.`, {
    remedy: 'Install the custom resource definition it belongs to, or correct apiVersion and kind.',
  });
}

function classifyNetwork(error: unknown, call: Call): StepError {
  const { outcome, code, why } = readNetworkFailure(error);
  if (outcome === 'untrusted') {
    return new StepError(
      'fatal',
      'kubernetes_untrusted',
      `Could not ${call.doing}: the API server's certificate is not trusted (${code}).`,
      {
        remedy: 'Put the certificate authority of the cluster into the kubeconfig (certificate-authority-data).',
      },
    );
  }
  if (outcome === 'unsent' || !call.writes) {
    return new StepError('retry', 'kubernetes_unreachable', `Could not ${call.doing}: the API server does not answer: ${why}.`, {
      remedy: 'It is tried again. If it goes on, check the cluster, and the server named in the kubeconfig.',
    });
  }
  return new StepError('lost', 'kubernetes_answer_lost', `It is unknown whether Kubernetes managed to ${call.doing}: ${why}.`, {
    remedy: 'It is looked for and tried again. If it goes on, check the API server and the network.',
  });
}
