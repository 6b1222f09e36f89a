import type { Application } from '../argocd/application.js';
import type { Connection } from './sandbox-process.js';
import { until } from './until.js';

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** Plain HTTP against Argo CD's API, with a session. */
export class ArgoClient {
  static async login({ url, username, password }: Connection['argocd']): Promise<ArgoClient> {
    const { body } = await new ArgoClient(url, undefined).send('POST', '/session', { username, password });
    return new ArgoClient(url, String(body['token']));
  }

  constructor(
    readonly url: string,
    readonly token: string | undefined,
  ) {}

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text } };
  }

  applicationUntil(name: string, condition: (application: Application) => boolean): Promise<Application> {
    const look = async () => (await this.send('GET', `/applications/${name}?project=default`)).body as unknown as Application;
    return until(look, (application) => application.metadata !== undefined && condition(application));
  }

  settled(name: string, revision: string): Promise<Application> {
    return this.applicationUntil(
      name,
      ({ status, operation }) =>
        !operation && status.sync.status === 'Synced' && status.sync.revision === revision && status.health.status === 'Healthy',
    );
  }
}
