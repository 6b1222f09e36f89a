import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { DemoFile } from './start-product.js';

type Cluster = Pick<DemoFile['sandbox'], 'kubernetes'>;

/** GET on the Kubernetes stand-in, as any client with its token and its certificate authority would. */
export function getFromCluster(sandbox: Cluster, path: string): Promise<unknown> {
  return callCluster(sandbox, 'GET', path);
}

export function postToCluster(sandbox: Cluster, path: string, body: object): Promise<unknown> {
  return callCluster(sandbox, 'POST', path, JSON.stringify(body));
}

function callCluster({ kubernetes }: Cluster, method: string, path: string, body?: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${kubernetes.token}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
  return new Promise((resolve, reject) => {
    https
      .request(`${kubernetes.url}${path}`, { method, ca: kubernetes.ca, headers }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => ((response.statusCode ?? 0) < 300 ? resolve(JSON.parse(text)) : reject(new Error(`${path}: ${response.statusCode} ${text}`))));
      })
      .on('error', reject)
      .end(body);
  });
}

/** Every value of a Kubernetes Secret, in clear. */
export async function secretValues(sandbox: Cluster, namespace: string, name: string): Promise<Record<string, string>> {
  const secret = await getFromCluster(sandbox, `/api/v1/namespaces/${namespace}/secrets/${name}`);
  const { data } = z.object({ data: z.record(z.string(), z.string()) }).parse(secret);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

const run = promisify(execFile);

/** `git clone` as a developer would, the token handed over by the environment. Answers what the history and the files hold. */
export async function cloneRepository(url: string, token: string, into: string): Promise<{ commits: string[]; history: string; files: string[] }> {
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  const env = {
    PATH: process.env['PATH'],
    HOME: into,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
  await run('git', ['clone', '--quiet', url, 'clone'], { cwd: into, env });
  const git = async (...args: string[]): Promise<string> => (await run('git', args, { cwd: `${into}/clone`, maxBuffer: 1 << 26 })).stdout;
  return {
    commits: (await git('rev-list', '--all')).trim().split('\n'),
    history: `${await git('log', '--all', '-p', '--format=fuller')}${await readFile(`${into}/clone/.git/config`, 'utf8')}`,
    files: (await git('ls-files')).trim().split('\n'),
  };
}
