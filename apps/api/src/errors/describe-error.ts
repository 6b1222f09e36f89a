import { HttpException } from '@nestjs/common';
import { type InputIssue, SlipwayError } from '@slipway/contracts';
import { isDependencyDown } from './dependency-down.js';
import { errorTable, transportErrors } from './error-table.js';

/** An error as any door shows it: safe for the caller, without a stack or a text of ours that was not meant for them. */
interface DescribedError {
  status: number;
  error: string;
  graphql: string;
  message: string;
  details?: InputIssue[];
  /** A defect: to be logged with its stack, and answered with a trace id in place of it. */
  defect: boolean;
}

export function describeError(error: unknown): DescribedError {
  if (error instanceof SlipwayError) return expected(error);
  if (isDependencyDown(error)) {
    return expected(
      new SlipwayError(
        'unavailable',
        'A service that Slipway depends on does not answer. Nothing was changed; try again shortly.',
      ),
    );
  }
  return fromTransport(error) ?? defect();
}

function expected(error: SlipwayError): DescribedError {
  const { status, graphql } = errorTable[error.code];
  const described = { status, error: error.code, graphql, message: error.message, defect: false };
  return error.details ? { ...described, details: error.details } : described;
}

/** What Fastify or Nest refuse by themselves (an unknown route, a body that is no JSON) carries its HTTP status. */
function fromTransport(error: unknown): DescribedError | null {
  const status = httpStatusOf(error);
  if (status === null || status < 400 || status > 499) return null;
  const message = error instanceof Error ? error.message : 'The request was refused.';
  const own = transportErrors[status];
  if (own) return { status, error: own, graphql: own.toUpperCase(), message, defect: false };
  if (status === 401 || status === 403 || status === 404) {
    const code = ({ 401: 'unauthorized', 403: 'forbidden', 404: 'not_found' } as const)[status];
    return { status, error: code, graphql: errorTable[code].graphql, message, defect: false };
  }
  return { status, error: 'bad_request', graphql: errorTable.bad_request.graphql, message, defect: false };
}

function httpStatusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null) return null;
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return null;
}

function defect(): DescribedError {
  return {
    status: 500,
    error: 'internal',
    graphql: 'INTERNAL',
    message: 'Something went wrong inside Slipway. Tell your platform team the trace id.',
    defect: true,
  };
}
