import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from './temporary-folder.js';

const run = promisify(execFile);

/** A real https server: plain files by path, and git repositories below `git`, served by git itself. */
export interface HttpsHost {
  /** `localhost:<port>` */
  host: string;
  url: string;
  ca: string;
  /** Paths asked for, with the authorization sent. */
  asked: { path: string; authorization: string | undefined }[];
  /** A repository of these files under `/<name>.git`; answers its commit. */
  addRepository(name: string, files: Parameters<typeof temporaryFolder>[0], branch?: string): Promise<string>;
  close(): Promise<void>;
}

export type Route = (request: IncomingMessage, response: ServerResponse) => void;

export async function startHttpsHost(routes: Record<string, Route> = {}): Promise<HttpsHost> {
  const { key, ca } = await certificate();
  const repositories = await temporaryFolder();
  const asked: HttpsHost['asked'] = [];
  const server = createServer({ key, cert: ca }, (request, response) => {
    const path = request.url ?? '/';
    asked.push({ path, authorization: request.headers.authorization });
    const route = routes[path];
    if (route) route(request, response);
    else if (path.includes('.git/')) serveGit(repositories, request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  return {
    ...{ host, url: `https://${host}`, ca, asked },
    addRepository: (name, files, branch = 'main') => makeRepository(join(repositories, `${name}.git`), files, branch),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A port on which nobody is to knock. */
export async function startCanary(): Promise<{ port: number; knocks: () => number; close: () => Promise<void> }> {
  let knocks = 0;
  const server = createTcpServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, knocks: () => knocks, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function certificate(): Promise<{ key: string; ca: string }> {
  const folder = await temporaryFolder();
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', keyFile, '-out', certFile, ...subject]);
  return { key: await readFile(keyFile, 'utf8'), ca: await readFile(certFile, 'utf8') };
}

async function makeRepository(bare: string, files: Parameters<typeof temporaryFolder>[0], branch: string): Promise<string> {
  const folder = await temporaryFolder(files);
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  const git = async (...args: string[]) => (await run('git', [...who, ...args], { cwd: folder })).stdout.trim();
  await git('init', '--quiet', '-b', branch);
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '-m', 'one');
  const there = await run('git', ['-C', bare, 'rev-parse', '--git-dir']).then(() => true, () => false);
  if (there) await git('push', '--quiet', '--force', bare, `HEAD:refs/heads/${branch}`);
  else await run('git', ['clone', '--quiet', '--bare', folder, bare]);
  return git('rev-parse', 'HEAD');
}

function serveGit(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://localhost');
  const backend = spawn('git', ['-c', 'safe.directory=*', 'http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
  });
  request.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  let begun = false;
  backend.stdout.on('data', (chunk: Buffer) => {
    if (begun) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    begun = true;
    const headers = new Map(head.subarray(0, end).toString().split('\r\n').map((line) => line.split(': ') as [string, string]));
    const status = Number(headers.get('Status')?.split(' ')[0] ?? 200);
    headers.delete('Status');
    response.writeHead(status, Object.fromEntries(headers));
    response.write(head.subarray(end + 4));
  });
  backend.on('close', () => response.end());
  backend.stdin.on('error', () => undefined);
}
