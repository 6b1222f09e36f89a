import { Agent, request } from 'node:https';
import { endedWithinMs, readyWithinMs, startSandbox, type SandboxDescription, type StartedSandbox } from './start-sandbox.js';

/** What goes wrong on the way to a stand-in, as the control API takes it. */
export interface SandboxFault {
  system: 'github' | 'akeyless' | 'argocd' | 'kubernetes';
  /** Of a request by `path`, of a thing by `name`; both are globs. */
  match: { method?: string; path: string } | { name: string };
  fault:
    | 'status'
    | 'timeout'
    | 'reset'
    | 'slow'
    | 'applied-then-timeout'
    | 'expired-token'
    | 'rate-limit'
    | 'secondary-rate-limit'
    | 'run-fails';
  status?: number;
  /** What the system says, in its own form of an error. */
  message?: string;
  delayMs?: number;
  times?: number;
}

/** The sandbox and the ways into it past the client under test. Its properties are there from the first test on. */
export interface Sandbox extends SandboxDescription {
  /** Path. */
  kubeconfig: string;
  /** Replaces the faults; none clears them, as the end of each test does. */
  fault(...faults: SandboxFault[]): Promise<void>;
  /** A call of the control API: `callControl('GET', '/state')`. */
  callControl(method: string, path: string, body?: unknown): Promise<unknown>;
  /** A call of the API server, with its own words for an answer. */
  callCluster(method: string, path: string, body?: unknown): Promise<ClusterAnswer>;
}

export interface ClusterAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** Starts a sandbox before the tests of the file that calls it, and ends it and removes its folder after them, passed or failed. */
export function sandboxForSuite(): Sandbox {
  const sandbox = {} as Sandbox;
  let started: StartedSandbox | undefined;
  let agent: Agent | undefined;

  beforeAll(
    async () => {
      started = await startSandbox();
      const { description, kubeconfig } = started;
      const clusterAgent = (agent = new Agent({ ca: description.kubernetes.ca, keepAlive: true }));
      Object.assign(sandbox, description, {
        kubeconfig,
        fault: async (...faults) => void (await callControl(description, 'PUT', '/faults', faults)),
        callControl: (method, path, body) => callControl(description, method, path, body),
        callCluster: (method, path, body) => callCluster(clusterAgent, description.kubernetes, method, path, body),
      } satisfies Omit<Sandbox, keyof SandboxDescription>);
    },
    // Longer than the start's own deadline and the end that follows it, or a start that hangs would be left running.
    readyWithinMs + 2 * endedWithinMs,
  );

  afterEach(() => sandbox.fault());

  afterAll(async () => {
    agent?.destroy();
    await started?.stop();
  }, 2 * endedWithinMs);

  return sandbox;
}

async function callControl({ control }: SandboxDescription, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(new URL(path, control), {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} of the sandbox's control API answered ${answer.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Not `fetch`, which takes no certificate authority. */
function callCluster(
  agent: Agent,
  { url, token }: SandboxDescription['kubernetes'],
  method: string,
  path: string,
  body?: unknown,
): Promise<ClusterAnswer> {
  return new Promise((done, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = request(new URL(path, url), { agent, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, body: JSON.parse(text || '{}') as Record<string, unknown> }),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
