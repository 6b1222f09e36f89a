import { readNetworkFailure, StepError } from '@slipway/engine';
import { z } from 'zod';

export interface FailedCall {
  /** Completes the sentence "Could not …". */
  what: string;
  write: boolean;
}

/** gRPC codes, as the gateway passes them on in `code` (grpc/grpc, doc/statuscodes.md). */
const grpc = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const ErrorBody = z.object({ code: z.number(), message: z.string().optional(), error: z.string().optional() });

/** By `code` and message, since one HTTP status stands for several faults: 400 is bad input, conflict or a running operation. */
export function classifyAnswer(answer: { status: number; body: string }, call: FailedCall): StepError {
  const body = ErrorBody.safeParse(parseJson(answer.body));
  if (!body.success) return classifyStatus(answer, call);
  const message = body.data.message ?? body.data.error ?? '';
  const rule = rules.find((candidate) => candidate.codes.includes(body.data.code) && (candidate.pattern?.test(message) ?? true));
  const { classification, code, remedy } = rule ?? otherwise;
  const outcome = classification === 'lost' && !call.write ? 'retry' : classification;
  return new StepError(outcome, code, `Could not ${call.what}: Argo CD says "${brief(message)}".`, { remedy });
}

interface Rule {
  codes: readonly number[];
  pattern?: RegExp;
  classification: 'retry' | 'fatal' | 'lost';
  code: string;
  remedy: string;
}

const again = 'It is tried again. If it goes on, look at the log of the Argo CD server.';

/** In order: the first that fits decides. */
const rules: readonly Rule[] = [
  {
    codes: [grpc.unauthenticated],
    classification: 'fatal',
    code: 'argocd_unauthorized',
    remedy: 'Check the token or password of the Argo CD integration; it may have expired or been changed.',
  },
  {
    codes: [grpc.permissionDenied],
    pattern: /sync window/i,
    classification: 'retry',
    code: 'argocd_sync_window',
    remedy: 'It is tried again. Wait for the sync window to open, or have the project changed.',
  },
  {
    codes: [grpc.permissionDenied],
    classification: 'fatal',
    code: 'argocd_forbidden',
    remedy: 'Give the account of the Argo CD integration the right that is missing, in the policy of its project.',
  },
  {
    codes: [grpc.notFound],
    classification: 'fatal',
    code: 'argocd_not_found',
    remedy: 'Check the name, and the project of the Argo CD integration.',
  },
  {
    codes: [grpc.invalidArgument],
    pattern: /existing (repository|application|project) spec is different/i,
    classification: 'fatal',
    code: 'argocd_exists_differently',
    remedy: 'Choose another name, or have the one that exists removed from Argo CD.',
  },
  {
    codes: [grpc.invalidArgument],
    pattern: /project is referenced by/i,
    classification: 'retry',
    code: 'argocd_project_in_use',
    remedy: 'It is tried again. If it goes on, see which applications still belong to the project.',
  },
  {
    codes: [grpc.failedPrecondition],
    pattern: /another operation is already in progress/i,
    classification: 'retry',
    code: 'argocd_operation_in_progress',
    remedy: 'It is tried again once the running operation has ended.',
  },
  {
    codes: [grpc.failedPrecondition],
    pattern: /deleting/i,
    classification: 'retry',
    code: 'argocd_deleting',
    remedy: 'It is tried again once the application is gone.',
  },
  {
    // A plain error, so under any code. A repository without a commit has no HEAD to list and fails this test too.
    codes: [grpc.unknown, grpc.internal, grpc.invalidArgument, grpc.failedPrecondition],
    pattern:
      /repository connectivity|ls-remote|repository (is empty|not found|not accessible)|unable to resolve|authentication req/i,
    classification: 'retry',
    code: 'argocd_repository_unreachable',
    remedy:
      'It is tried again. If it goes on, check that the repository holds a commit, ' +
      'and that Argo CD has a credential template for its organisation.',
  },
  {
    // Given up on behind the gateway: what was asked may have been done all the same.
    codes: [grpc.cancelled, grpc.deadlineExceeded],
    classification: 'lost',
    code: 'argocd_unavailable',
    remedy: again,
  },
  {
    codes: [grpc.unknown, grpc.internal, grpc.resourceExhausted, grpc.aborted, grpc.unavailable],
    classification: 'retry',
    code: 'argocd_unavailable',
    remedy: again,
  },
];

const otherwise: Omit<Rule, 'codes'> = {
  classification: 'fatal',
  code: 'argocd_rejected',
  remedy: 'Change what Argo CD names in its answer.',
};

/** No body of Argo CD's own: something before it answered, or its guard for content types. */
function classifyStatus(answer: { status: number; body: string }, call: FailedCall): StepError {
  const said = `Could not ${call.what}: HTTP ${answer.status} ${brief(answer.body)}`.trim();
  if (answer.status === 429) return new StepError('retry', 'argocd_rate_limited', said, { remedy: again });
  if (answer.status >= 500) {
    // A gateway answers 502 and 504 for work that may have been done behind it.
    const lost = call.write && (answer.status === 502 || answer.status === 504);
    return new StepError(lost ? 'lost' : 'retry', 'argocd_unavailable', said, { remedy: again });
  }
  return new StepError('fatal', 'argocd_rejected', said, {
    remedy: 'Check the URL of the Argo CD integration, its root path, and what stands between us and the server.',
  });
}

export function classifySilence(error: unknown, call: FailedCall): StepError {
  if (error instanceof StepError) return error;
  const { outcome, why } = readNetworkFailure(error);
  const message = `Could not ${call.what}: ${why}.`;
  if (outcome === 'untrusted') {
    return new StepError('fatal', 'argocd_certificate', message, {
      remedy: 'Configure argocd.ca, the path of the certificate authority that signed it, and check the URL of the integration.',
    });
  }
  return new StepError(call.write && outcome === 'unknown' ? 'lost' : 'retry', 'argocd_unreachable', message, {
    remedy: 'It is tried again. If it goes on, check the network, and the URL and token of the Argo CD integration.',
  });
}

/** An answer that is no Argo CD's, or of a version that names things otherwise. Zod's issues name fields, not values. */
export function unreadable(call: FailedCall, error: z.ZodError): StepError {
  const fields = error.issues.map((issue) => issue.path.join('.') || 'the whole answer').join(', ');
  return new StepError('fatal', 'argocd_unreadable', `Could not ${call.what}: cannot read Argo CD's answer (${fields}).`, {
    remedy: 'Check that the URL of the integration leads to an Argo CD server, version 2.10 or later.',
  });
}

function brief(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 500)}…` : line;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
