#!/usr/bin/env node
// Writes src/kubernetes/schemas/*.generated.ts: what the projects themselves publish about their objects, without the prose.
// Sources are the Go modules' folders, as `go mod download -json` prints them:
//   generate-kubernetes-schemas.mjs K8S.IO/KUBERNETES K8S.IO/API K8S.IO/APIMACHINERY ARGO-CD EXTERNAL-SECRETS
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';

const [kubernetes, api, apimachinery, argocd, externalSecrets] = process.argv.slice(2);
if (!externalSecrets) throw new Error('Name the five module folders; see the head of this file.');
const target = path.join(import.meta.dirname, '../src/kubernetes/schemas');

/** By the file of the OpenAPI v3 description: the kinds whose schemas are wanted, with all that these refer to. */
const KINDS = {
  api__v1: [
    'Namespace', 'Secret', 'ConfigMap', 'ServiceAccount', 'Service', 'Pod', 'Event', 'ResourceQuota', 'LimitRange',
    'PersistentVolumeClaim', 'Endpoints', 'Node',
  ],
  apis__apps__v1: ['Deployment', 'StatefulSet', 'ReplicaSet', 'ControllerRevision'],
  apis__autoscaling__v2: ['HorizontalPodAutoscaler'],
  apis__policy__v1: ['PodDisruptionBudget'],
  'apis__coordination.k8s.io__v1': ['Lease'],
  'apis__networking.k8s.io__v1': ['NetworkPolicy', 'Ingress'],
  'apis__rbac.authorization.k8s.io__v1': ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  'apis__authentication.k8s.io__v1': ['TokenReview', 'TokenRequest', 'SelfSubjectReview'],
  'apis__authorization.k8s.io__v1': [
    'SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview', 'LocalSubjectAccessReview',
  ],
  apis__autoscaling__v1: ['Scale'],
};
/** Other providers' settings are let through unread: nobody can use them here. */
const STORE_PROVIDERS = ['akeyless', 'fake', 'kubernetes'];

await writeSchemas();
await writeCustomResources();
await writeProtobuf();

async function writeSchemas() {
  const wanted = {};
  for (const [file, kinds] of Object.entries(KINDS)) {
    const text = await readFile(path.join(kubernetes, `api/openapi-spec/v3/${file}_openapi.json`), 'utf8');
    const { schemas } = JSON.parse(text).components;
    const roots = Object.entries(schemas).filter(([, schema]) => {
      return schema['x-kubernetes-group-version-kind']?.some(({ kind }) => kinds.includes(kind) || kinds.includes(kind.replace(/List$/, '')));
    });
    for (const [name] of roots) take(name, schemas, wanted);
    take('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', schemas, wanted);
  }
  await write('kubernetes', 'KUBERNETES_SCHEMAS', 'The schemas of OpenAPI v3 by name', kubernetes, sorted(wanted));
}

function take(name, schemas, into) {
  if (into[name]) return;
  into[name] = bare(schemas[name]);
  for (const [, referred] of JSON.stringify(schemas[name]).matchAll(/#\/components\/schemas\/([\w.-]+)/g)) take(referred, schemas, into);
}

/** DeleteOptions and WatchEvent are said to belong to every group; the list of groups is longer than all the rest. */
function bare(schema) {
  const { 'x-kubernetes-group-version-kind': kinds, ...rest } = withoutProse(schema);
  return kinds?.length === 1 ? { ...rest, 'x-kubernetes-group-version-kind': kinds } : rest;
}

/** A property may itself be called `description`. */
function withoutProse(schema) {
  if (Array.isArray(schema)) return schema.map(withoutProse);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(([name, value]) => name !== 'description' || typeof value !== 'string');
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutProse(value)]));
}

async function writeCustomResources() {
  const definitions = [];
  for (const file of ['application', 'appproject']) {
    definitions.push(parse(await readFile(path.join(argocd, `manifests/crds/${file}-crd.yaml`), 'utf8')));
  }
  for (const file of ['externalsecrets', 'secretstores', 'clustersecretstores']) {
    definitions.push(parse(await readFile(path.join(externalSecrets, `config/crds/bases/external-secrets.io_${file}.yaml`), 'utf8')));
  }
  const sources = `${path.basename(argocd)} of Argo CD, ${path.basename(externalSecrets)}`;
  await write('custom-resources', 'CUSTOM_RESOURCES', 'CustomResourceDefinitions', sources, definitions.map(definition));
}

function definition({ metadata, spec }) {
  const versions = spec.versions.filter(({ served }) => served).map((version) => {
    const provider = version.schema.openAPIV3Schema.properties.spec.properties.provider;
    for (const [name, schema] of Object.entries(provider?.properties ?? {})) {
      if (STORE_PROVIDERS.includes(name)) continue;
      provider.properties[name] = { type: schema.type, 'x-kubernetes-preserve-unknown-fields': true };
    }
    return withoutProse(version);
  });
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: metadata.name }, spec: { ...spec, conversion: undefined, versions } };
}

/** `{ message: { number: [field, type, 'repeated' | 'map' | ''] } }`, types by their full names. */
async function writeProtobuf() {
  const files = [
    ...['core/v1', 'apps/v1', 'autoscaling/v1', 'autoscaling/v2', 'policy/v1', 'coordination/v1', 'networking/v1', 'rbac/v1', 'authentication/v1', 'authorization/v1'].map(
      (folder) => path.join(api, folder, 'generated.proto'),
    ),
    ...['pkg/apis/meta/v1', 'pkg/runtime', 'pkg/util/intstr', 'pkg/api/resource'].map((folder) => path.join(apimachinery, folder, 'generated.proto')),
  ];
  const messages = {};
  for (const file of files) readProto(await readFile(file, 'utf8'), messages);
  const wanted = {};
  for (const kinds of Object.values(KINDS).flat()) {
    for (const name of Object.keys(messages).filter((candidate) => candidate.endsWith(`.${kinds}`))) takeMessage(name, messages, wanted);
  }
  for (const name of ['k8s.io.apimachinery.pkg.runtime.Unknown', 'k8s.io.apimachinery.pkg.apis.meta.v1.DeleteOptions']) takeMessage(name, messages, wanted);
  await write('protobuf', 'PROTOBUF_MESSAGES', 'The protobuf messages by name', `${path.basename(api)}, ${path.basename(apimachinery)}`, sorted(wanted));
}

function readProto(text, messages) {
  const scope = /^package ([\w.]+);/m.exec(text)[1];
  for (const [, name, body] of text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields = {};
    for (const [, label, key, type, field, number] of body.matchAll(/^ {2}(optional|repeated)? ?(?:map<(\w+), ([\w.]+)>|([\w.]+)) (\w+) = (\d+);/gm).map(ordered)) {
      fields[number] = [field, qualify(type, scope), key ? 'map' : label === 'repeated' ? label : ''];
    }
    messages[`${scope}.${name}`] = fields;
  }
}

function ordered([all, label, key, mapped, plain, field, number]) {
  return [all, label, key, mapped ?? plain, field, number];
}

function qualify(type, scope) {
  if (/^(string|bytes|bool|double|u?int(32|64))$/.test(type)) return type;
  if (!type.includes('.')) return `${scope}.${type}`;
  return type.replace(/^\./, '');
}

function takeMessage(name, messages, into) {
  if (into[name] || !messages[name]) return;
  into[name] = messages[name];
  for (const [, type] of Object.values(messages[name])) takeMessage(type, messages, into);
}

function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** As one text: parsed when first asked for, and no work for the compiler. */
async function write(file, name, what, source, value) {
  const json = JSON.stringify(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const head = `// Generated by tools/generate-kubernetes-schemas.mjs from ${path.basename(source)} (Apache-2.0). ${what}, as JSON.\n`;
  await writeFile(path.join(target, `${file}.generated.ts`), `${head}export const ${name} =\n  '${json}';\n`);
}
