import type { KubernetesObject } from '../cluster.js';
import type { Collection, Store } from '../core/store.js';
import { type Source, type Spec, targetRevision } from './application.js';
import { isObjectId } from '../git/refs.js';
import type { GitRemotes } from './git-remote.js';
import { RemoteFailure } from './remote-failure.js';
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

const MOST_KEPT = 2_000;

/** What the repository says should be there. */
export class TargetStates {
  /** By repository, commit and path, which together never mean anything else. Kept over a restart, as in the real one's Redis. */
  readonly #kept: Collection<Manifests>;
  #count: number;

  constructor(
    store: Store,
    private readonly repositories: Repositories,
    private readonly remotes: GitRemotes,
  ) {
    this.#kept = store.collection('argocd.manifests');
    this.#count = this.#kept.keys().length;
  }

  /** `revision` overrides the one that the application tracks. @throws RemoteFailure, ManifestFailure */
  async load(application: { metadata: { name: string }; spec: Spec }, revision?: string): Promise<TargetState> {
    const { source, destination, project } = application.spec;
    if (!source?.repoURL) throw new ManifestFailure('spec.source.repoURL is required');
    if (source.helm || source.plugin || source.chart) throw new ManifestFailure('the sandbox renders neither Helm nor plugins');
    const asked = revision || targetRevision(application.spec);
    const { commit, manifests } = this.#known(source, asked) ?? (await this.#read(source, asked, project));
    const objects = manifests.objects.map((object) => placed(object, application.metadata.name, destination.namespace));
    return { revision: commit, objects, sourceType: manifests.sourceType };
  }

  /** Makes the manifests of this repository anew when they are next needed. */
  forget(url: string): void {
    for (const key of this.#kept.keys(`${url} `)) this.#kept.delete(key);
  }

  clear(): void {
    this.#kept.clear();
    this.#count = 0;
  }

  /** A commit never changes: of one that was read before, nobody need be asked. */
  #known(source: Source, commit: string): Found | undefined {
    const manifests = isObjectId(commit) ? this.#kept.get(keyOf(source, commit)) : undefined;
    return manifests && { commit, manifests };
  }

  async #read(source: Source, revision: string, project: string): Promise<Found> {
    const { repoURL, path = '' } = source;
    const credential = await this.repositories.credentialFor(repoURL, project);
    const commit = await this.remotes.resolve(repoURL, revision, credential);
    const known = this.#known(source, commit);
    if (known) return known;
    const directory = await this.remotes.contents(repoURL, commit, credential);
    const manifests = await loadManifests(directory, commit, path, settingsFor(source));
    if (this.#count >= MOST_KEPT) this.clear();
    this.#kept.set(keyOf(source, commit), manifests);
    this.#count += 1;
    return { commit, manifests };
  }
}

interface Found {
  commit: string;
  manifests: Manifests;
}

function keyOf(source: Source, commit: string): string {
  const { recurse, settings } = settingsFor(source);
  return `${source.repoURL} ${commit} ${recurse} ${JSON.stringify(settings)} ${source.path ?? ''}`;
}

function settingsFor({ directory, kustomize }: Source): { recurse: boolean; settings: KustomizeSettings } {
  return { recurse: directory?.recurse ?? false, settings: settingsOf(kustomize) };
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
