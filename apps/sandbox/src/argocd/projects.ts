import { randomUUID } from 'node:crypto';
import type { SandboxContext } from '../core/context.js';
import type { Collection } from '../core/store.js';
import { NAMESPACE } from './applications.js';
import { DEFAULT_PROJECT, type IncomingProject, type Project } from './project.js';

/** The projects there are; the default one always is. */
export class Projects {
  readonly #documents: Collection<Project>;

  constructor(private readonly context: SandboxContext) {
    this.#documents = context.store.collection('argocd.projects');
    this.#seed();
  }

  get(name: string): Project | undefined {
    return this.#documents.get(name);
  }

  list(): Project[] {
    return this.#documents.list().map(({ value }) => value);
  }

  add({ metadata, spec }: IncomingProject): Project {
    const { name, labels, annotations, finalizers } = metadata;
    const project: Project = {
      metadata: {
        name,
        namespace: NAMESPACE,
        uid: randomUUID(),
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: this.context.clock.timestamp(),
        ...(labels && { labels }),
        ...(annotations && { annotations }),
        ...(finalizers && { finalizers }),
      },
      spec,
      status: {},
    };
    this.#documents.set(name, project);
    return project;
  }

  update(name: string, change: (project: Project) => void): Project | undefined {
    const current = this.#documents.get(name);
    if (!current) return undefined;
    const project = structuredClone(current);
    change(project);
    project.metadata.generation += 1;
    project.metadata.resourceVersion = String(project.metadata.generation);
    this.#documents.set(name, project);
    return project;
  }

  remove(name: string): void {
    this.#documents.delete(name);
  }

  clear(): void {
    this.#documents.clear();
    this.#seed();
  }

  #seed(): void {
    if (this.get(DEFAULT_PROJECT)) return;
    this.add({
      metadata: { name: DEFAULT_PROJECT },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ server: '*', namespace: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    });
  }
}
