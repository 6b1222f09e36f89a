import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Registry, type StepDefinition } from '@slipway/engine';
import { createStepRig } from '@slipway/engine/testing';
import { parseAllDocuments } from 'yaml';
import { createEvaluator } from '../expressions/evaluator.js';
import { noRemoteContent } from '../remote/remote-content.js';
import { fetchTemplate } from '../steps/fetch-template.js';
import { compilePlan } from '../template/compile-plan.js';
import { loadGoldenPath } from '../template/load-template.js';
import { unpack } from '../workspace/archive.js';
import { temporaryFolder } from './temporary-folder.js';

/** The golden path that ships with the product. */
const path = join(import.meta.dirname, '../../../../templates/python-flask-mysql');

const actions = [
  'akeyless:access:grant',
  'akeyless:credential:probe',
  'akeyless:dynamic-secret:create',
  'akeyless:leases:revoke',
  'akeyless:rotated-secret:create',
  'akeyless:rotated-secret:rotate',
  'akeyless:target:create',
  'argocd:application:create',
  'argocd:application:sync',
  'argocd:application:wait',
  'argocd:project',
  'argocd:repository:register',
  'fetch:template',
  'github:environment:create',
  'github:repo:create',
  'github:repo:push',
  'kubernetes:external-secret:refresh',
  'kubernetes:namespace',
  'kubernetes:pull-secret',
  'kubernetes:rollout:restart',
  'kubernetes:secret',
  'kubernetes:wait',
  'resources:list',
  'resources:remove',
];
const registry = new Registry([{ name: 'stub', steps: actions.map((id) => ({ id }) as StepDefinition), kinds: [] }]);

export const goldenPathInputs = { app_name: 'shop', repo_name: 'shop-repo', namespace: 'shop-ns', db_name: 'shopdb' };

export function loadActions() {
  return loadGoldenPath(path, registry);
}

export async function loadAction(identifier: string) {
  const found = (await loadActions()).find((template) => template.identifier === identifier);
  if (!found) throw new Error(`No action ${identifier}.`);
  return found;
}

interface Setting {
  /** `environment.parameters`, as an installation sets them. */
  environment?: Record<string, unknown>;
  gateway?: { url: string; ca?: string; audience?: string };
}

const ownGateway = {
  url: 'https://gateway.akeyless.svc:8000/api/v2',
  ca: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  audience: 'akeyless',
};

/** The skeleton as a run renders it: from the archive, through the plan and the evaluator. Answers the folder. */
export async function renderGoldenPath(parameters: Record<string, string>, { environment = {}, gateway = ownGateway }: Setting = {}): Promise<string> {
  const template = await loadAction('deploy_python_flask_app');
  const step = compilePlan(template).steps.find(({ id }) => id === 'render');
  const archive = await temporaryFolder();
  await unpack(template.archive, archive);
  const workspace = await temporaryFolder();
  const entity = { blueprint: 'service', identifier: parameters['app_name'] ?? '' };
  const scope = {
    parameters,
    steps: outputs(parameters, gateway),
    environment: { parameters: environment },
    user: { ref: 'user:default/dana' },
    failed: false,
    context: { task: { id: 'r_1' }, entity },
  };
  await createStepRig({ kinds: [], files: { workspace, template: archive } }).run(
    fetchTemplate(noRemoteContent),
    createEvaluator().evaluate(step?.input, scope),
  );
  return workspace;
}

/** What the steps before the rendering answer. */
function outputs(parameters: Record<string, string>, { url, ca, audience }: NonNullable<Setting['gateway']>) {
  const access = { path: `/slipway/${parameters['app_name']}/database-credential`, url, ...(ca !== undefined && { ca }) };
  const kubernetes = { role: '/r', accessId: 'p-pods', authConfig: 'cluster', ...(audience !== undefined && { audience }) };
  return {
    repository: { output: { id: 7, fullName: `Acme/${parameters['repo_name']}` } },
    access: { output: { ...access, kubernetes } },
    workflow_access: { output: { ...access, github: { role: '/r-w', accessId: 'p-workflows', audience: 'akeyless-ci' } } },
  };
}

export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
}

/** Every object that the kustomization lists, as it is read there. */
export async function manifestsIn(root: string): Promise<Manifest[]> {
  const { resources } = (await readYaml(root, 'kustomization.yaml')) as { resources: string[] };
  const files = await Promise.all(resources.map((name) => readFile(join(root, 'deploy', name), 'utf8')));
  return files.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

export async function readYaml(root: string, name: string): Promise<Record<string, unknown>> {
  const [document] = parseAllDocuments(await readFile(join(root, 'deploy', name), 'utf8'));
  return document?.toJS() as Record<string, unknown>;
}
