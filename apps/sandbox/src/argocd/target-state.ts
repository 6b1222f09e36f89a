import type { KubernetesObject } from '../cluster.js';
import { type Source, type Spec, targetRevision } from './application.js';
import { RemoteFailure, type GitRemotes } from './git-remote.js';
import { groupOf, isClusterScoped } from './identity.js';
import { settingsOf, type KustomizeSettings } from './kustomize-settings.js';
import { ManifestFailure } from './manifest-failure.js';
import { loadManifests, type Manifests } from './manifests.js';
import type { Repositories } from './repositories.js';

export interface TargetState {
  revision: string;
  objects: KubernetesObject[];
  sourceType: Manifests['sourceType'];
}

const MOST_KEPT = 500;

/** What the repository says should be there. */
export class TargetStates {
  /** By repository, commit and path, which together never mean anything else. */
  readonly #kept = new Map<string, Manifests>();

  constructor(
    private readonly repositories: Repositories,
    private readonly remotes: GitRemotes,
  ) {}

  /** `revision` overrides the one that the application tracks. @throws RemoteFailure, ManifestFailure */
  async load(application: { metadata: { name: string }; spec: Spec }, revision?: string): Promise<TargetState> {
    const { source, destination, project } = application.spec;
    if (!source?.repoURL) throw new ManifestFailure('spec.source.repoURL is required');
    if (source.helm || source.plugin || source.chart) throw new ManifestFailure('the sandbox renders neither Helm nor plugins');
    const credential = await this.repositories.credentialFor(source.repoURL, project);
    const commit = await this.remotes.resolve(source.repoURL, revision || targetRevision(application.spec), credential);
    const manifests = await this.#manifests(source, commit);
    const objects = manifests.objects.map((object) => placed(object, application.metadata.name, destination.namespace));
    return { revision: commit, objects, sourceType: manifests.sourceType };
  }

  /** Makes the manifests of this repository anew when they are next needed. */
  forget(url: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${url} `)) this.#kept.delete(key);
  }

  async #manifests(source: Source, commit: string): Promise<Manifests> {
    const { repoURL, path = '', directory } = source;
    const recurse = directory?.recurse ?? false;
    const settings: KustomizeSettings = settingsOf(source.kustomize);
    const key = `${repoURL} ${commit} ${recurse} ${JSON.stringify(settings)} ${path}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const manifests = await loadManifests(this.remotes.directory(repoURL), commit, path, { recurse, settings });
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(key, manifests);
    return manifests;
  }
}

/** The failure as a ComparisonError tells it. Others are the sandbox's own. */
export function comparisonMessage(error: unknown): string {
  if (!(error instanceof RemoteFailure) && !(error instanceof ManifestFailure)) throw error;
  return (
    'Failed to load target state: failed to generate manifest for source 1 of 1: ' +
    `rpc error: code = Unknown desc = ${error.message}`
  );
}

const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id';

/** The object as it is applied: in the destination's namespace unless it names one, and marked as the application's. */
function placed(object: KubernetesObject, application: string, destination: string | undefined): KubernetesObject {
  const { namespace: own, ...metadata } = object.metadata;
  const namespace = isClusterScoped(object.kind) ? undefined : (own ?? destination ?? 'default');
  const place = { ...metadata, ...(namespace !== undefined && { namespace }) };
  const annotations = { ...metadata.annotations, [TRACKING_ANNOTATION]: trackingId(application, object, namespace) };
  return { ...object, metadata: { ...place, annotations } };
}

function trackingId(application: string, object: KubernetesObject, namespace = ''): string {
  return `${application}:${groupOf(object.apiVersion)}/${object.kind}:${namespace}/${object.metadata.name}`;
}

/** The application that an object is marked with. */
export function trackedBy(object: KubernetesObject): string | undefined {
  return object.metadata.annotations?.[TRACKING_ANNOTATION]?.split(':', 1)[0];
}
