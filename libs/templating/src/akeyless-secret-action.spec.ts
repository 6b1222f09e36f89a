import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { goldenPathInputs, renderGoldenPath } from './testing/golden-path.js';
import { removeTemporaryFolders } from './testing/temporary-folder.js';

/** The action by which a workflow of the golden path takes a secret, run as a runner does: by bash, its output read as a log. */
const run = promisify(execFile);

const jwt = 'header.payload.signature';
const token = 't-of-the-gateway';
const credential = { id: 'tmp_user', user: 'tmp_user', password: '50%25 off', ttl_in_minutes: '60' };

let server: Server;
let address: string;
let secret = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => response.end(JSON.stringify(answerTo(request.url ?? '', body))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await removeTemporaryFolders();
});

/** GitHub's vouching and the gateway, as the action asks them. */
function answerTo(path: string, body: string): unknown {
  if (path === '/idtoken?api=2&audience=akeyless-ci') return { value: jwt };
  const asked = JSON.parse(body) as Record<string, unknown>;
  if (path === '/auth' && asked['jwt'] === jwt) return { token };
  if (path === '/dynamic-secret-get-value' && asked['token'] === token) return credential;
  if (path === '/get-secret-value' && asked['token'] === token) return { '/shared/key': secret };
  return { error: `not understood: ${path}` };
}

async function take(path: string): Promise<{ masks: string[]; rest: string[]; value: string | undefined }> {
  const root = await renderGoldenPath(goldenPathInputs, { gateway: { url: address } });
  const action = parse(await readFile(join(root, '.github/actions/akeyless-secret/action.yaml'), 'utf8')) as { runs: { steps: [{ run: string }] } };
  const output = join(root, 'output');
  await writeFile(output, '');
  const { PATH = '' } = process.env;
  const env = { PATH, WANTED: path, GITHUB_OUTPUT: output, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x', ACTIONS_ID_TOKEN_REQUEST_URL: `${address}/idtoken?api=2` };
  const { stdout, stderr } = await run('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', action.runs.steps[0].run], { cwd: root, env });
  const lines = `${stdout}${stderr}`.split('\n').filter(Boolean);
  const isMask = (line: string) => line.startsWith('::add-mask::');
  const masks = lines.filter(isMask).map((line) => decoded(line.slice('::add-mask::'.length)));
  return { masks, rest: lines.filter((line) => !isMask(line)), value: outputOf(await readFile(output, 'utf8')) };
}

/** As the runner reads a command. */
function decoded(data: string): string {
  return data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

/** As the runner reads the file: up to the first line that is the delimiter. */
function outputOf(file: string): string | undefined {
  const [head = '', ...lines] = file.split('\n');
  const delimiter = /^value<<(.+)$/.exec(head)?.[1] ?? '';
  const end = lines.indexOf(delimiter);
  // Another output after it would be one that the secret made up.
  return lines.slice(end + 1).join('') === '' ? lines.slice(0, end).join('\n') : undefined;
}

async function isThere(tool: string): Promise<boolean> {
  return run(tool, ['--version']).then(
    () => true,
    () => false,
  );
}

it.each([
  ['of one line', 'one line', ['one line']],
  ['of several lines', '-----BEGIN KEY-----\nMIIB\n\n  indented\n-----END KEY-----', ['-----BEGIN KEY-----', 'MIIB', '  indented', '-----END KEY-----']],
  ['with the ends of lines of Windows', 'first\r\nsecond', ['first', 'second']],
  ['with what a runner would decode', '100%25 of %0A', ['100%25 of %0A']],
  ['that looks like an option', '-n', ['-n']],
  ['that would end its own output', 'END_OF_SECRET\nother=made up', ['END_OF_SECRET', 'other=made up']],
])('masks each line of a secret %s, and hands it on whole', async (_title, given, masked) => {
  if (!(await isThere('jq')) || !(await isThere('curl'))) return console.warn('Not tried: there is no jq or no curl here.');
  secret = given;
  expect(await take('/shared/key')).toEqual({ masks: [jwt, token, ...masked], rest: [], value: given });
});

it('masks the password of a credential, and the whole of it', async () => {
  if (!(await isThere('jq')) || !(await isThere('curl'))) return console.warn('Not tried: there is no jq or no curl here.');
  const whole = JSON.stringify(credential);
  expect(await take('')).toEqual({ masks: [jwt, token, credential.password, whole], rest: [], value: whole });
});
