import { z } from 'zod';

/** Why a request got no answer, and whether it can have been carried out. */
export interface NetworkFailure {
  /**
   * - `untrusted`: the other side's certificate; nothing was sent.
   * - `unsent`: the request cannot have arrived.
   * - `unknown`: it may have arrived, and been carried out.
   */
  outcome: 'untrusted' | 'unsent' | 'unknown';
  /** Of Node or undici, or else the error's name: `ECONNRESET`, `TimeoutError`. */
  code: string;
  /** The last part of a sentence: `the connection was refused (ECONNREFUSED)`. */
  why: string;
}

/**
 * What a client rejects with when the network, and not the server, let it down. Nothing of the error's own message is passed
 * on: it can quote a header or an address, and with it a secret.
 */
export function readNetworkFailure(error: unknown): NetworkFailure {
  const { name, code: given, syscall } = rootOf(error);
  const code = given ?? name;
  if (UNTRUSTED.test(code)) return { outcome: 'untrusted', code, why: `the certificate is not trusted (${code})` };
  // As `fetch` and undici do where they cannot even build the request, and clients do over an answer of another shape.
  if ((given === undefined && name === 'TypeError') || given === 'UND_ERR_INVALID_ARG') {
    return { outcome: 'unknown', code, why: 'the client itself failed, as over a stray character in an address or a token' };
  }
  const connecting = syscall === 'connect' || syscall === 'getaddrinfo';
  const unsent = connecting || UNSENT.includes(code);
  return { outcome: unsent ? 'unsent' : 'unknown', code, why: `${wordsFor(code, connecting)} (${code})` };
}

/** By shape, not by class: an error of Node's own may come from another realm. */
const NetworkError = z.object({
  name: z.string().catch('unknown'),
  code: z.string().optional().catch(undefined),
  syscall: z.string().optional().catch(undefined),
  cause: z.unknown().optional(),
});
type NetworkError = z.infer<typeof NetworkError>;

/** Clients wrap: octokit `fetch`'s error, `fetch` undici's, undici Node's. */
const DEEPEST = 8;

function rootOf(error: unknown): NetworkError {
  let root = NetworkError.catch({ name: 'unknown' }).parse(error);
  for (let depth = 0; depth < DEEPEST && typeof root.cause === 'object' && root.cause !== null; depth += 1) {
    root = NetworkError.parse(root.cause);
  }
  return root;
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes, and Node's own ERR_TLS_CERT_ALTNAME_INVALID. */
const UNTRUSTED = /CERT|^UNABLE_TO_|^INVALID_CA$|^HOSTNAME_MISMATCH$/;

const UNSENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  TimeoutError: 'no answer in time',
  AbortError: 'it was stopped',
};

function wordsFor(code: string, connecting: boolean): string {
  return WORDS[code] ?? (connecting || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'no connection in time' : 'the connection broke');
}
