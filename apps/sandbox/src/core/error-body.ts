import { STATUS_CODES } from 'node:http';
import type { System } from '../stand-in.js';

/** gRPC codes as Argo CD's gateway reports them beside these HTTP statuses. */
const GRPC_CODES: Record<number, number> = { 400: 3, 401: 16, 403: 7, 404: 5, 409: 10, 429: 8, 501: 12, 503: 14, 504: 4 };
const GRPC_INTERNAL = 13;

/** An error of this HTTP status in the words of this system. */
export function errorBody(system: System, status: number, message = STATUS_CODES[status] ?? 'Error'): unknown {
  switch (system) {
    case 'github':
      return { message, documentation_url: 'https://docs.github.com/rest', status: String(status) };
    case 'akeyless':
      return { error: message };
    case 'argocd':
      return { error: message, code: GRPC_CODES[status] ?? GRPC_INTERNAL, message };
    case 'kubernetes':
      return {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message,
        reason: (STATUS_CODES[status] ?? '').replaceAll(' ', ''),
        code: status,
      };
  }
}

/** What each system says to a token that was good until now. */
export function expiredTokenMessage(system: System): string {
  switch (system) {
    case 'github':
      return 'Bad credentials';
    case 'akeyless':
      return 'UnauthorizedAccess: the token is missing, invalid or expired';
    case 'argocd':
      return 'invalid session: token has invalid claims: token is expired';
    case 'kubernetes':
      return 'Unauthorized';
  }
}
