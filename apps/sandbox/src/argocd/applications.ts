import { randomUUID } from 'node:crypto';
import type { SandboxContext } from '../core/context.js';
import type { Collection } from '../core/store.js';
import type { Application, IncomingApplication } from './application.js';

export const NAMESPACE = 'argocd';
export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';
type Listener = (type: ChangeType, application: Application) => void;

/** The applications there are. Every change is kept, numbered, and told to those who watch. */
export class Applications {
  readonly #documents: Collection<Application>;
  readonly #counters: Collection<number>;
  readonly #listeners = new Set<Listener>();

  constructor(private readonly context: SandboxContext) {
    this.#documents = context.store.collection('argocd.applications');
    this.#counters = context.store.collection('argocd.counters');
  }

  get(name: string): Application | undefined {
    return this.#documents.get(name);
  }

  list(): Application[] {
    return this.#documents.list().map(({ value }) => value);
  }

  add(incoming: IncomingApplication): Application {
    const application: Application = {
      metadata: {
        ...incoming.metadata,
        namespace: NAMESPACE,
        uid: randomUUID(),
        resourceVersion: this.#nextVersion(),
        generation: 1,
        creationTimestamp: this.timestamp(),
      },
      spec: incoming.spec,
      status: { sync: { status: 'Unknown' }, health: { status: 'Unknown' }, summary: {} },
    };
    this.#documents.set(application.metadata.name, application);
    this.#tell('ADDED', application);
    return application;
  }

  /**
   * Changes the application as it is at this moment, so that the API, the comparison and an operation, which all write into
   * one document, never overwrite each other. Undefined where it is gone.
   */
  update(name: string, change: (application: Application) => void): Application | undefined {
    const current = this.#documents.get(name);
    if (!current) return undefined;
    const before = JSON.stringify(current);
    const application = JSON.parse(before) as Application;
    change(application);
    if (JSON.stringify(application) === before) return current;
    application.metadata.resourceVersion = this.#nextVersion();
    application.metadata.generation += 1;
    this.#documents.set(name, application);
    this.#tell('MODIFIED', application);
    return application;
  }

  remove(name: string): void {
    const application = this.#documents.get(name);
    if (!application) return;
    this.#documents.delete(name);
    this.#tell('DELETED', application);
  }

  clear(): void {
    for (const application of this.list()) this.remove(application.metadata.name);
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The number of the latest change, as a list carries it. */
  version(): string {
    return String(this.#counters.get('resourceVersion') ?? 0);
  }

  timestamp(): string {
    return this.context.clock.timestamp();
  }

  #nextVersion(): string {
    const next = (this.#counters.get('resourceVersion') ?? 0) + 1;
    this.#counters.set('resourceVersion', next);
    return String(next);
  }

  #tell(type: ChangeType, application: Application): void {
    for (const listener of this.#listeners) listener(type, application);
  }
}
