import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { sandboxForSuite } from '@slipway/engine/testing';
import { parseAllDocuments } from 'yaml';
import { compilePlan } from './template/compile-plan.js';
import { filesIn, goldenPathInputs as inputs, loadAction, type Manifest, manifestsIn, readYaml, renderGoldenPath as render } from './testing/golden-path.js';
import { removeTemporaryFolders } from './testing/temporary-folder.js';

/** What the golden path's skeleton renders to, in each of its variants. */
const run = promisify(execFile);
const sandbox = sandboxForSuite();

const variants: Array<[string, Parameters<typeof render>[1]]> = [
  ['credentials from the gateway, whose authority is its own', {}],
  ['credentials from a gateway in any namespace, whose authority is public', { gateway: { url: 'https://gw.example.com' }, environment: { gatewayNamespace: '' } }],
  ['credentials by External Secrets', { environment: { credentials: 'external-secrets', storageClass: 'fast', registry: 'containers.example.com' } }],
  ['credentials by External Secrets, of a gateway with a public authority', { gateway: { url: 'https://gw.example.com' }, environment: { credentials: 'external-secrets' } }],
];

afterAll(removeTemporaryFolders);

describe.each(variants)('the skeleton, %s', (_variant, setting) => {
  let root = '';
  let manifests: Manifest[];
  beforeAll(async () => {
    root = await render(inputs, setting);
    manifests = await manifestsIn(root);
  });

  it('renders without a placeholder left', async () => {
    for (const file of await filesIn(root)) {
      const text = await readFile(file, 'utf8');
      const left = text.match(/\{\{-? *values|\{%|\{#|<org>|CHANGE_?ME|TODO:|FIXME/i);
      expect([file, left?.[0]]).toEqual([file, undefined]);
      if (!/\.github\/(workflows|actions)\//.test(file)) expect([file, text.includes('{{')]).toEqual([file, false]);
      expect([file, /undefined|\[object /.test(relative(root, file) + (file.endsWith('.yaml') ? text : ''))]).toEqual([file, false]);
    }
  });

  it('is valid YAML and JSON, and lists every manifest', async () => {
    for (const file of await filesIn(root)) {
      const text = await readFile(file, 'utf8');
      if (file.endsWith('.json')) expect(Object.values(JSON.parse(text) as object).every((value) => typeof value === 'string' && value !== '')).toBe(true);
      if (!file.endsWith('.yaml')) continue;
      for (const document of parseAllDocuments(text)) expect([file, document.errors]).toEqual([file, []]);
    }
    const { resources, namespace } = await readYaml(root, 'kustomization.yaml');
    expect(namespace).toBe('shop-ns');
    const files = (await readdir(join(root, 'deploy'))).filter((name) => name !== 'kustomization.yaml');
    expect((resources as string[]).toSorted()).toEqual(files.sort());
  });

  it('holds nothing that the published schemas of Kubernetes and External Secrets do not know', async () => {
    await sandbox.callCluster('POST', '/api/v1/namespaces', { metadata: { name: 'shop-ns' } });
    for (const manifest of manifests) {
      const { status, body } = await sandbox.callCluster('POST', `${collectionOf(manifest)}?dryRun=All&fieldValidation=Strict`, manifest);
      expect([manifest.kind, manifest.metadata.name, status, status < 300 || body['message']]).toEqual([manifest.kind, manifest.metadata.name, 201, true]);
    }
  });

  it('starts every container without privileges, within limits and with probes', () => {
    const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
    expect(workloads.map(({ kind }) => kind).sort()).toEqual(['Deployment', 'StatefulSet']);
    for (const { spec } of workloads) {
      expect(spec).toMatchObject({
        template: {
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                startupProbe: expect.any(Object),
                readinessProbe: expect.any(Object),
                livenessProbe: expect.any(Object),
                resources: { requests: expect.any(Object), limits: { cpu: expect.any(String), memory: expect.any(String) } },
                securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              },
            ],
          },
        },
      });
    }
  });

  it('lets no traffic through but what is named', () => {
    const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
    expect(policies.map(({ metadata }) => metadata.name).sort()).toEqual(['default-deny', 'mysql-shop', 'shop']);
    for (const { spec } of policies) expect(spec?.['policyTypes']).toEqual(['Ingress', 'Egress']);
  });

  it('puts what both need first, then the database, then the service', () => {
    const waves = manifests.map(({ kind, metadata }) => [metadata.annotations?.['argocd.argoproj.io/sync-wave'], kind]);
    expect(waves.every(([wave]) => wave === '-2' || wave === '-1' || wave === '0')).toBe(true);
    expect(waves).toContainEqual(['-1', 'StatefulSet']);
    expect(waves).toContainEqual(['-2', 'ServiceAccount']);
    expect(waves).toContainEqual(['0', 'Deployment']);
  });

  it('is the same on every rendering', async () => {
    const other = await render(inputs, setting);
    for (const file of await filesIn(root)) {
      const twin = file.replace(root, other);
      expect(await readFile(twin)).toEqual(await readFile(file));
      expect((await stat(twin)).mode).toBe((await stat(file)).mode);
    }
  });
});

describe('the skeleton', () => {
  let root = '';
  beforeAll(async () => {
    root = await render(inputs);
  });

  it('names everything after the service', async () => {
    const text = JSON.stringify([await manifestsIn(root), await readYaml(root, 'kustomization.yaml')]);
    for (const name of [
      '"name":"ghcr.io/acme/shop-repo","newTag":"v0.1.0"',
      'mysql-shop.shop-ns.svc.cluster.local',
      '"value":"shopdb"',
      '"value":"/slipway/shop/database-credential"',
      '"serviceAccountName":"shop"',
    ]) {
      expect(text).toContain(name);
    }
  });

  it('tells workflows the address and the authority of the gateway that hold where they run', async () => {
    const told = async (environment: Record<string, unknown>, gateway = { url: 'https://gw.akeyless.svc', ca: 'the cluster’s' }) => {
      const folder = join(await render(inputs, { environment, gateway }), '.github');
      const { url } = JSON.parse(await readFile(join(folder, 'akeyless.json'), 'utf8')) as { url: string };
      return { url, ca: (await readFile(join(folder, 'akeyless-ca.pem'), 'utf8').catch(() => '')).trim() };
    };
    const workflowGatewayUrl = 'https://secrets.example.com';
    expect(await told({})).toEqual({ url: 'https://gw.akeyless.svc', ca: 'the cluster’s' });
    expect(await told({ workflowGatewayUrl })).toEqual({ url: workflowGatewayUrl, ca: '' });
    expect(await told({ workflowGatewayUrl, workflowGatewayCa: 'its own' })).toEqual({ url: workflowGatewayUrl, ca: 'its own' });
  });

  const policyOf = async (workload: string, environment: Record<string, unknown>) => {
    const policies = (await manifestsIn(await render(inputs, { environment }))).filter(({ kind }) => kind === 'NetworkPolicy');
    return policies.find(({ metadata }) => metadata.name === workload)?.spec;
  };

  it('lets the service, the gateway and workers that try credentials to the database', async () => {
    const allowed = async (environment: Record<string, unknown>) => (await policyOf('mysql-shop', environment))?.['ingress'];
    const from = (...namespaces: string[]) => [
      { podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'shop' } } },
      ...namespaces.map((name) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } })),
    ];
    const ports = [{ port: 3306 }];
    expect(await allowed({})).toEqual([{ from: from('akeyless'), ports }]);
    expect(await allowed({ gatewayNamespace: 'secrets', workerNamespace: 'slipway' })).toEqual([{ from: from('secrets', 'slipway'), ports }]);
    expect(await allowed({ gatewayNamespace: '' })).toEqual([{ from: [...from(), { namespaceSelector: {} }], ports }]);
  });

  it.each([
    ['gateway', 'akeyless', [{ to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'akeyless' } } }] }]],
    ['gateway', '', [{ to: [{ namespaceSelector: {} }] }]],
    ['external-secrets', '', []],
  ])('lets pods with credentials by %s of "%s" to their database, names and the gateway', async (credentials, gatewayNamespace, gateway) => {
    const spec = await policyOf('shop', { credentials, gatewayNamespace });
    const names = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } };
    expect(spec?.['egress']).toEqual([
      { to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'mysql-shop' } } }], ports: [{ port: 3306 }] },
      { to: [names], ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }] },
      ...gateway,
    ]);
  });

  it('holds no registry and no gateway but those it was told', async () => {
    const elsewhere = await render(inputs, { gateway: { url: 'https://gw.example.com' }, environment: { registry: 'containers.example.com' } });
    for (const file of await filesIn(elsewhere)) expect([file, (await readFile(file, 'utf8')).match(/svc:8000|ghcr\.io\/(?!gitleaks)/)]).toEqual([file, null]);
  });

  it('has the token and the authority by which its pods log in to the gateway', async () => {
    const deployment = JSON.stringify((await manifestsIn(root)).find(({ kind }) => kind === 'Deployment'));
    expect(deployment).toContain('"serviceAccountToken":{"path":"token","expirationSeconds":3600,"audience":"akeyless"}');
    expect(deployment).toContain('{"name":"AKEYLESS_CA_FILE","value":"/etc/akeyless/ca.crt"}');
    const authority = (await manifestsIn(root)).find(({ metadata }) => metadata.name === 'akeyless-gateway-ca');
    expect(authority?.data).toEqual({ 'ca.crt': expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n.*\n-----END CERTIFICATE-----\n$/s) });
  });

  it('with External Secrets fetches user and password in one go, as the service itself, and starts before they exist', async () => {
    const manifests = await manifestsIn(await render(inputs, { environment: { credentials: 'external-secrets' } }));
    const secret = manifests.find(({ kind }) => kind === 'ExternalSecret');
    expect(secret?.spec).toMatchObject({ refreshInterval: '30m', secretStoreRef: { kind: 'SecretStore' }, dataFrom: [{ extract: { key: '/slipway/shop/database-credential' } }] });
    expect(secret?.spec).not.toHaveProperty('data');
    const store = JSON.stringify(manifests.find(({ kind }) => kind === 'SecretStore'));
    expect(store).toContain('"serviceAccountRef":{"name":"shop","audiences":["akeyless"]}');
    expect(store).toContain('"caProvider":{"type":"ConfigMap","name":"akeyless-gateway-ca","key":"ca.crt"}');
    const deployment = JSON.stringify(manifests.find(({ kind }) => kind === 'Deployment'));
    expect(deployment).toContain('"secret":{"secretName":"shop-db","optional":true');
    expect(deployment).not.toContain('AKEYLESS');
  });

  // Bare, YAML 1.1 (Go, kustomize) reads these as booleans, null and numbers.
  it.each([
    ['true', 'no', 'on', 'null'],
    ['null', 'y', 'off', 'yes'],
    ['n', 'false', 'null', 'on'],
  ])('stays text when things are called %s, %s, %s and %s', async (app_name, repo_name, namespace, db_name) => {
    const odd = await render({ app_name, repo_name, namespace, db_name });
    for (const file of (await filesIn(join(odd, 'deploy'))).filter((name) => name.endsWith('.yaml'))) {
      for (const document of parseAllDocuments(await readFile(file, 'utf8'), { version: '1.1' })) {
        const wrong = leaves(document.toJS()).filter(([key, value]) => typeof value !== 'string' && !meantOtherwise.test(key));
        expect([file, wrong]).toEqual([file, []]);
      }
    }
  });

  it('holds no secret: passwords are named, made elsewhere, and printed nowhere', async () => {
    const statefulSet = JSON.stringify((await manifestsIn(root)).find(({ kind }) => kind === 'StatefulSet'));
    for (const [name, key] of [['MYSQL_PASSWORD', 'password'], ['MYSQL_ROOT_PASSWORD', 'root-password']]) {
      expect(statefulSet).toContain(`{"name":"${name}","valueFrom":{"secretKeyRef":{"name":"mysql-shop","key":"${key}"}}}`);
    }
    // The image would print the one it makes up.
    expect(statefulSet).not.toContain('RANDOM_ROOT');
    expect((await manifestsIn(root)).filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  it('pins every image by digest and every action by commit', async () => {
    const lines = (await Promise.all((await filesIn(root)).map((file) => readFile(file, 'utf8')))).join('\n').split('\n');
    const images = lines.filter((line) => /^\s*(image|FROM|ghcr\.io\S+)\b/.test(line.replace(/^\s*- /, '')) && !line.includes('ghcr.io/acme'));
    const pinned = images.filter((line) => /(mysql|python|gitleaks)/.test(line));
    expect(pinned.length).toBeGreaterThanOrEqual(4);
    for (const line of pinned) expect(line).toMatch(/:[\w.-]+@sha256:[0-9a-f]{64}\b/);
    const uses = lines.filter((line) => /^\s*(- )?uses:/.test(line) && !line.includes('uses: ./'));
    expect(uses.length).toBeGreaterThan(5);
    for (const line of uses) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  describe('its workflows', () => {
    it('mean something to GitHub', async () => {
      const folder = join(root, '.github/workflows');
      for (const name of await readdir(folder)) {
        const { context } = parseWorkflow({ name, content: await readFile(join(folder, name), 'utf8') }, new NoOperationTraceWriter());
        expect([name, context.errors.getErrors().map(({ message }) => message)]).toEqual([name, []]);
      }
      const wrong = parseWorkflow({ name: 'x', content: 'on: push\njobs: { a: { runs-on: x, steps: [{ run: "${{ githb.ref }}" }] } }' }, new NoOperationTraceWriter());
      expect(wrong.context.errors.getErrors().map(({ message }) => message)).not.toEqual([]);
    });

    it('ask for no stored secret, and for no right by default but to read', async () => {
      for (const file of await filesIn(join(root, '.github'))) {
        const text = await readFile(file, 'utf8');
        expect([file, text.match(/secrets\./)]).toEqual([file, null]);
        if (file.includes('workflows')) expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
      }
    });

    it('name the one environment that is made for them and that Akeyless lets in', async () => {
      const files = (await filesIn(join(root, '.github/workflows'))).map((file) => readFile(file, 'utf8'));
      const named = (await Promise.all(files)).flatMap((text) => leaves(parseAllDocuments(text)[0]?.toJS())).filter(([key]) => key === 'environment');
      const { steps } = compilePlan(await loadAction('deploy_python_flask_app'));
      const inputOf = (id: string) => steps.find((step) => step.id === id)?.input;
      expect(new Set(named.map(([, name]) => name))).toEqual(new Set(['production']));
      expect(inputOf('environment')).toMatchObject({ name: 'production' });
      // By ids, which no other repository and no other owner ever gets.
      const ids = { repositoryId: '${{ steps.repository.output.id }}', ownerId: '${{ steps.repository.output.ownerId }}' };
      expect(inputOf('workflow_access')).toMatchObject({ github: { environment: 'production', ...ids } });
    });

    it('build the image that the manifests name', async () => {
      const workflow = await readFile(join(root, '.github/workflows/image.yaml'), 'utf8');
      expect(workflow).toContain("yq '.images[0].name' deploy/kustomization.yaml");
      expect(workflow).toContain('tags: ${{ steps.name.outputs.name }}:${{ github.ref_name }}');
    });

    it('run scripts that bash can read', async () => {
      const files = (await filesIn(join(root, '.github'))).filter((file) => file.endsWith('.yaml'));
      const scripts = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).flatMap((text) => leaves(parseAllDocuments(text)[0]?.toJS()));
      const shell = scripts.flatMap(([key, value]) => (key === 'run' ? [String(value).replace(/\$\{\{.*?\}\}/g, 'x')] : []));
      expect(shell.length).toBeGreaterThan(5);
      for (const script of shell) await run('bash', ['-n', '-c', script]);
    });
  });

  it('is Python that compiles', async () => {
    const present = await run('python3', ['--version']).then(
      () => true,
      () => false,
    );
    if (!present) return console.warn('Not tried: there is no python3 here.');
    const files = (await filesIn(root)).filter((file) => file.endsWith('.py'));
    expect(files.length).toBeGreaterThan(10);
    await run('python3', ['-m', 'py_compile', ...files]);
  });
});

function collectionOf({ apiVersion, kind }: Manifest): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const plural = kind.toLowerCase().replace(/y$/, 'ie');
  return `${group}/namespaces/shop-ns/${plural}s`;
}

/** Keys of manifests whose values are numbers and booleans by right. */
const meantOtherwise =
  /port|replicas|seconds|threshold|mode|optional|user|group|privilege|readonly|nonroot|token|links|limit|surge|unavailable|available|skew|include/i;

function leaves(value: unknown, key = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[key, value]];
  return Object.entries(value).flatMap(([name, item]) => leaves(item, Array.isArray(value) ? key : name));
}
