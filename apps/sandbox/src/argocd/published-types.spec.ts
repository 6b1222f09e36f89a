import * as published from '@kubernetes-models/argo-cd/argoproj.io/v1alpha1';
import { Octokit } from 'octokit';
import { ArgoClient } from '../testing/argo-client.js';
import { GitClient } from '../testing/git-client.js';
import { SandboxProcess } from '../testing/sandbox-process.js';
import type { Application, OperationState, ResourceResult, ResourceStatus, Source } from './application.js';
import type { ProjectRole, ProjectSpec } from './project.js';

/**
 * Argo CD's types as others generated them from its published definitions. Fields of ours that those do not have do not compile;
 * values of another type fail here.
 */
type Unknown<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs>;
type None<T extends never> = T;
export type Checked = [
  None<Unknown<Application['spec'], published.IApplicationSpec>>,
  None<Unknown<Application['status'], published.IApplicationStatus>>,
  None<Unknown<Application['status']['sync'], published.ISyncStatus>>,
  None<Unknown<Source, published.IApplicationSource>>,
  None<Unknown<OperationState, published.IOperationState>>,
  None<Unknown<ResourceStatus, published.IResourceStatus>>,
  None<Unknown<ResourceResult, published.IResourceResult>>,
  None<Unknown<ProjectSpec, published.IAppProjectSpec>>,
  None<Unknown<ProjectRole, published.IProjectRole>>,
];

let sandbox: SandboxProcess;
let argo: ArgoClient;
let repo: string;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
  const { github, argocd } = sandbox.connection;
  argo = await ArgoClient.login(argocd);
  const octokit = new Octokit({ baseUrl: `${github.url}/api/v3`, auth: github.token, throttle: { enabled: false } });
  repo = (await octokit.rest.repos.createInOrg({ org: github.org, name: 'shop', private: true })).data.clone_url;
  const work = await GitClient.init(sandbox.home, github.token);
  const colors = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'colors' }, data: { color: 'red' } };
  const thing = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' } };
  await work.commit('first', { 'good/colors.json': JSON.stringify(colors), 'bad/thing.json': JSON.stringify(thing) });
  await work.git('push', '--quiet', repo, 'main');
}, 90_000);
afterAll(() => sandbox.remove());

it.each([['good'], ['bad'], ['missing']])('an application in every state of its life: %s', async (path) => {
  const asked = {
    metadata: { name: path, labels: { a: 'b' } },
    spec: {
      project: 'default',
      source: { repoURL: repo, path, targetRevision: 'main' },
      destination: { name: 'in-cluster', namespace: path },
      syncPolicy: { automated: { prune: true }, syncOptions: ['CreateNamespace=true'], retry: { limit: 1, backoff: { duration: '10ms' } } },
    },
  };
  const seen: unknown[] = [(await argo.send('POST', '/applications?validate=false', asked)).body];
  await argo.applicationUntil(path, (application) => {
    seen.push(application);
    const { conditions, operationState, sync } = application.status;
    return operationState?.finishedAt !== undefined && sync.status !== 'Unknown' ? true : conditions?.[0]?.type === 'ComparisonError';
  });
  for (const application of seen) valid(published.Application, 'Application', application);
});

it('a project with roles and tokens', async () => {
  const role = { name: 'deployer', policies: ['p, proj:team:deployer, applications, get, team/*, allow'] };
  const project = { metadata: { name: 'team' }, spec: { sourceRepos: ['*'], roles: [role] } };
  await argo.send('POST', '/projects', { project });
  await argo.send('POST', '/projects/team/roles/deployer/token', { expiresIn: 60 });
  valid(published.AppProject, 'AppProject', (await argo.send('GET', '/projects/team')).body);
});

it('notices a type that is not theirs', () => {
  expect(() => valid(published.Application, 'Application', { metadata: {}, spec: { destination: {}, project: 3 } })).toThrow(/spec\/project/);
});

function valid(model: new (data: never) => { validate(): void }, kind: string, body: unknown): void {
  new model({ apiVersion: 'argoproj.io/v1alpha1', kind, ...(body as object) } as never).validate();
}
