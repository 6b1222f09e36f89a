import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { Clock } from '../core/clock.js';
import { RemoteFailure } from './remote-failure.js';
import { appCredential } from './github-app.js';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const clock = new Clock();
let gitHub: Server;
let asked: { url?: string | undefined; issuer?: string | undefined };

beforeAll(async () => {
  gitHub = createServer((request, response) => {
    const [, jwt = ''] = (request.headers.authorization ?? '').split(' ');
    void jwtVerify(jwt, publicKey).then(
      ({ payload }) => {
        asked = { url: request.url, issuer: payload.iss };
        response.writeHead(201).end(JSON.stringify({ token: 'ghs_1' }));
      },
      () => response.writeHead(401).end('{}'),
    );
  });
  await new Promise<void>((resolve) => gitHub.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  clock.stop();
  await new Promise((resolve) => gitHub.close(resolve));
});

test('reads with a token of its installation', async () => {
  expect(await appCredential(appWith(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()), clock)).toEqual({
    username: 'x-access-token',
    password: 'ghs_1',
  });
  expect(asked).toEqual({ url: '/api/v3/app/installations/7/access_tokens', issuer: '3' });
});

test.each([
  ['a key that is not the app’s', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['a key that is none', () => 'not a key'],
])('says whose token it did not get with %s', async (_what, key) => {
  const failing = appCredential(appWith(key()), clock);
  await expect(failing).rejects.toThrow(RemoteFailure);
  await expect(failing).rejects.toThrow("could not refresh installation id 7's token");
});

function appWith(githubAppPrivateKey: string) {
  const githubAppEnterpriseBaseUrl = `http://127.0.0.1:${(gitHub.address() as AddressInfo).port}/api/v3/`;
  return { githubAppID: 3, githubAppInstallationID: 7, githubAppPrivateKey, githubAppEnterpriseBaseUrl };
}
