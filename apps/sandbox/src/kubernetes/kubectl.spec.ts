import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RunningCluster } from './testing/running-cluster.js';

const run = promisify(execFile);
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1", ports: [{containerPort: 80}]}]}
`;

/** Where the machine has one: nothing that we set up brings it. */
(hasKubectl ? describe : describe.skip)('kubectl', () => {
  let cluster: RunningCluster;
  let folder: string;

  beforeAll(async () => {
    cluster = await RunningCluster.start();
    folder = await mkdtemp(join(tmpdir(), 'slipway-kubectl-'));
    await writeFile(join(folder, 'web.yaml'), WEB);
    await writeFile(join(folder, 'newer.yaml'), WEB.replace('nginx:1', 'nginx:2'));
    await writeFile(join(folder, 'wrong.yaml'), WEB.replace('ports:', 'prots:'));
  }, 90_000);

  afterAll(async () => {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => cluster.reset());

  async function kubectl(...args: string[]): Promise<string> {
    const { kubeconfig } = cluster.kubernetes.credentials;
    const options = { cwd: folder, env: { ...process.env, HOME: folder } };
    return (await run('kubectl', ['--kubeconfig', kubeconfig, ...args], options)).stdout;
  }

  /** What it prints when it fails. */
  async function failing(...args: string[]): Promise<string> {
    return kubectl(...args).then(
      (output) => Promise.reject(new Error(`kubectl ${args.join(' ')} did not fail: ${output}`)),
      (error: { stderr: string }) => error.stderr,
    );
  }

  it('applies from the client and from the server, and tells who owns what', async () => {
    expect(await kubectl('apply', '-f', 'web.yaml')).toContain('deployment.apps/web created');
    expect(await kubectl('apply', '-f', 'newer.yaml')).toContain('deployment.apps/web configured');
    expect(await kubectl('apply', '-f', 'newer.yaml')).toContain('deployment.apps/web unchanged');
    expect(await failing('apply', '-f', 'wrong.yaml')).toContain('unknown field "spec.template.spec.containers[0].prots"');
    const conflict = 'conflict with "kubectl-client-side-apply" using apps/v1: .spec.template.spec.containers[name="web"].image';
    expect(await failing('apply', '--server-side', '-f', 'web.yaml')).toContain(conflict);
    expect(await kubectl('apply', '--server-side', '--force-conflicts', '-f', 'web.yaml')).toContain('serverside-applied');
    expect(await kubectl('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1');
  }, 60_000);

  it('creates, rolls out, reads logs, waits and deletes', async () => {
    expect(await kubectl('create', 'namespace', 'shop')).toBe('namespace/shop created\n');
    expect(await kubectl('-n', 'shop', 'create', 'deployment', 'web', '--image=nginx', '--replicas=2')).toContain('created');
    expect(await kubectl('-n', 'shop', 'rollout', 'status', 'deploy/web', '--timeout=10s')).toContain('successfully rolled out');
    expect(await kubectl('-n', 'shop', 'get', 'pods')).toMatch(/web-\S+\s+1\/1\s+Running\s+0/);
    expect(await kubectl('-n', 'shop', 'logs', 'deploy/web')).toContain('container nginx ready');
    await kubectl('-n', 'shop', 'wait', '--for=condition=Available', 'deploy/web', '--timeout=10s');
    await kubectl('-n', 'shop', 'set', 'image', 'deploy/web', 'nginx=nginx:2');
    await kubectl('-n', 'shop', 'rollout', 'status', 'deploy/web', '--timeout=10s');
    await kubectl('-n', 'shop', 'rollout', 'undo', 'deploy/web');
    expect(await kubectl('-n', 'shop', 'get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx');
    expect(await kubectl('delete', 'namespace', 'shop', '--timeout=10s')).toContain('deleted');
  }, 60_000);

  it('creates a token and asks what it may do', async () => {
    await kubectl('create', 'serviceaccount', 'bot');
    await kubectl('create', 'role', 'reader', '--verb=get,list', '--resource=pods');
    await kubectl('create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:bot');
    const file = join(folder, 'bot.kubeconfig');
    await writeFile(file, cluster.configFor((await kubectl('create', 'token', 'bot')).trim()).exportConfig());
    const asBot = (...args: string[]) => run('kubectl', ['--kubeconfig', file, ...args], { env: { ...process.env, HOME: folder } });
    expect((await asBot('auth', 'can-i', 'list', 'pods')).stdout).toBe('yes\n');
    expect((await asBot('auth', 'can-i', 'list', 'secrets').catch((error: { stdout: string }) => error)).stdout).toBe('no\n');
    expect((await asBot('auth', 'can-i', '--list')).stdout).toMatch(/pods\s+\[\]\s+\[\]\s+\[get list\]/);
    await expect(asBot('get', 'secrets')).rejects.toMatchObject({
      stderr: expect.stringContaining('secrets is forbidden: User "system:serviceaccount:default:bot" cannot list resource "secrets"'),
    });
  }, 60_000);

  it('explains, and lists what is there', async () => {
    expect(await kubectl('explain', 'deployment.spec.replicas')).toMatch(/FIELD: replicas <integer>/);
    expect(await kubectl('api-resources', '--api-group=external-secrets.io')).toMatch(/externalsecrets\s+es\s+external-secrets.io\/v1\s+true\s+ExternalSecret/);
    expect(await kubectl('get', 'crd')).toContain('applications.argoproj.io');
  }, 60_000);
});
