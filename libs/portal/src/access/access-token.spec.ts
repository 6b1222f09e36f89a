import type { Principal } from '@slipway/contracts';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import type { AccessTokenDeps } from './access-token.js';
import { issueAccessToken } from './issue-access-token.js';
import { verifyAccessToken } from './verify-access-token.js';

const issuedAt = new Date('2026-11-21T12:00:00Z');
const principal: Principal = { kind: 'client', id: 'ci', team: 'payments', roles: ['admin'] };

function setup(options: { key?: number; olderKeys?: number[]; laterSeconds?: number } = {}): AccessTokenDeps {
  const { key = 1, olderKeys = [], laterSeconds = 0 } = options;
  const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);
  return {
    tokenKeys: [bytes(key), ...olderKeys.map(bytes)],
    clock: { now: () => new Date(issuedAt.getTime() + laterSeconds * 1_000), sleep: () => Promise.resolve() },
  };
}

describe('an access token', () => {
  it('speaks for its client for an hour, and says to Port’s clients that it is a machine', async () => {
    const issued = await issueAccessToken(setup(), principal);
    expect(issued).toMatchObject({ expiresIn: 3_600, tokenType: 'Bearer' });
    expect(decodeJwt(issued.accessToken)).toMatchObject({
      sub: 'ci',
      isMachine: true,
      roles: ['admin'],
      team: 'payments',
      exp: issuedAt.getTime() / 1_000 + 3_600,
    });
    await expect(verifyAccessToken(setup({ laterSeconds: 3_599 }), issued.accessToken)).resolves.toEqual(principal);
    await expect(verifyAccessToken(setup({ laterSeconds: 3_601 }), issued.accessToken)).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  it('is believed after its key was replaced, for as long as that is known', async () => {
    const { accessToken } = await issueAccessToken(setup({ key: 1 }), principal);
    await expect(verifyAccessToken(setup({ key: 2, olderKeys: [1] }), accessToken)).resolves.toEqual(principal);
    const signedAnew = await issueAccessToken(setup({ key: 2, olderKeys: [1] }), principal);
    await expect(verifyAccessToken(setup({ key: 1 }), signedAnew.accessToken)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  const claims = { kind: 'client', roles: ['admin'], team: null };
  const signed = (changes: object, key = 1, alg = 'HS256') =>
    new SignJWT({ ...claims, iss: 'slipway', sub: 'ci', exp: issuedAt.getTime() / 1_000 + 60, ...changes })
      .setProtectedHeader({ alg })
      .sign(new Uint8Array(64).fill(key));

  it.each<[string, () => Promise<string> | string]>([
    ['empty', () => ''],
    ['no JWT', () => 'a.b.c'],
    ['signed with another key', async () => (await issueAccessToken(setup({ key: 2 }), principal)).accessToken],
    ['not signed', () => new UnsecuredJWT({ ...claims, sub: 'ci', iss: 'slipway' }).setExpirationTime('1h').encode()],
    [
      'altered',
      async () =>
        (await issueAccessToken(setup(), principal)).accessToken.replace(
          /\.[^.]+\./,
          `.${Buffer.from(JSON.stringify({ sub: 'root' })).toString('base64url')}.`,
        ),
    ],
    ['from another issuer', () => signed({ iss: 'other' })],
    ['without an end', () => signed({ exp: undefined })],
    ['for a role that does not exist', () => signed({ roles: ['root'] })],
    ['of another algorithm', () => signed({}, 1, 'HS512')],
  ])('is refused when it is %s', async (_what, token) => {
    await expect(verifyAccessToken(setup(), await token())).rejects.toMatchObject({ code: 'unauthorized' });
  });
});
