import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { readNetworkFailure } from './network-failure.js';

function coded(code: string, rest: object = {}): Error {
  return Object.assign(new Error('a message that quotes s3cret'), { code, ...rest });
}

function fetchFailed(cause: Error): Error {
  return new TypeError('fetch failed', { cause });
}

describe('readNetworkFailure', () => {
  it.each([
    [coded('ECONNREFUSED'), 'unsent', 'the connection was refused (ECONNREFUSED)'],
    [fetchFailed(coded('ENOTFOUND')), 'unsent', 'the name of the host is not known (ENOTFOUND)'],
    [new Error('octokit', { cause: fetchFailed(coded('EAI_AGAIN')) }), 'unsent', 'could not be looked up (EAI_AGAIN)'],
    [coded('EHOSTUNREACH'), 'unsent', 'the host cannot be reached (EHOSTUNREACH)'],
    [fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT')), 'unsent', 'no connection in time (UND_ERR_CONNECT_TIMEOUT)'],
    [coded('ETIMEDOUT', { syscall: 'connect' }), 'unsent', 'no connection in time (ETIMEDOUT)'],
    [coded('ETIMEDOUT', { syscall: 'read' }), 'unknown', 'the connection broke (ETIMEDOUT)'],
    [coded('ECONNRESET', { syscall: 'read' }), 'unknown', 'the connection broke (ECONNRESET)'],
    [fetchFailed(coded('UND_ERR_SOCKET')), 'unknown', 'the connection broke (UND_ERR_SOCKET)'],
    [new DOMException('s3cret', 'TimeoutError'), 'unknown', 'no answer in time (TimeoutError)'],
    [AbortSignal.abort().reason, 'unknown', 'it was stopped (AbortError)'],
    [fetchFailed(coded('SELF_SIGNED_CERT_IN_CHAIN')), 'untrusted', 'not trusted (SELF_SIGNED_CERT_IN_CHAIN)'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'untrusted', 'not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'untrusted', 'not trusted (ERR_TLS_CERT_ALTNAME_INVALID)'],
    [new TypeError('Headers.append: "Bearer s3cret\n" is invalid'), 'unknown', 'stray character'],
    [{ code: 7, name: null }, 'unknown', 'the connection broke (unknown)'],
    ['s3cret', 'unknown', 'the connection broke (unknown)'],
    [undefined, 'unknown', 'the connection broke (unknown)'],
  ])('%p: %s, %s', (error, outcome, why) => {
    const failure = readNetworkFailure(error);
    expect(failure).toMatchObject({ outcome, why: expect.stringContaining(why) });
    expect(JSON.stringify(failure)).not.toContain('s3cret');
  });

  it('comes to an end where an error is its own cause', () => {
    const error: Error & { cause?: unknown } = coded('ECONNRESET');
    error.cause = error;
    expect(readNetworkFailure(error).code).toBe('ECONNRESET');
  });

  it("reads what Node's own fetch rejects with", async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await new Promise((done) => server.close(done));
    const refused: unknown = await fetch(url).catch((error: unknown) => error);
    expect(readNetworkFailure(refused)).toMatchObject({ outcome: 'unsent' });
    const unbuilt: unknown = await fetch(url, { headers: { authorization: 'Bearer a\nb' } }).catch(
      (error: unknown) => error,
    );
    expect(readNetworkFailure(unbuilt)).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('stray character') });
  });
});
