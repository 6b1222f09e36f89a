import { z } from 'zod';
import { getFromCluster, postToCluster } from './developer-tools.js';
import { post } from './sandbox-client.js';
import type { DemoFile } from './start-product.js';

/** What a container of the service gets from its manifests: its environment, and the token that the kubelet projects. */
export interface Pod {
  environment: Record<string, string>;
  token: string;
}

const Deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string(),
        containers: z.tuple([z.object({ env: z.array(z.object({ name: z.string(), value: z.string() })) })]),
        volumes: z.array(
          z.object({
            projected: z.object({ sources: z.tuple([z.object({ serviceAccountToken: z.object({ audience: z.string() }) })]) }).optional(),
          }),
        ),
      }),
    }),
  }),
});

export async function podOf(systems: DemoFile['sandbox'], namespace: string, name: string): Promise<Pod> {
  const { spec } = Deployment.parse(await getFromCluster(systems, `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`));
  const { serviceAccountName, containers, volumes } = spec.template.spec;
  const audience = volumes.find(({ projected }) => projected)?.projected?.sources[0].serviceAccountToken.audience;
  const answer = await postToCluster(systems, `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccountName}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    // For longer than the kubelet asks for: here nobody replaces it as the sandbox's clock goes on.
    spec: { audiences: [audience], expirationSeconds: 7 * 24 * 3600 },
  });
  const { status } = z.object({ status: z.object({ token: z.string() }) }).parse(answer);
  return { environment: Object.fromEntries(containers[0].env.map((variable) => [variable.name, variable.value])), token: status.token };
}

/** A database credential, as a pod asks the gateway for it. */
export async function issueAsPod({ environment, token }: Pod): Promise<{ user: string; password: string }> {
  const url = environment['AKEYLESS_GATEWAY_URL'];
  const login = await post(`${url}/auth`, {
    'access-type': 'k8s',
    'access-id': environment['AKEYLESS_ACCESS_ID'],
    'k8s-auth-config-name': environment['AKEYLESS_K8S_AUTH_CONFIG'],
    'k8s-service-account-token': Buffer.from(token).toString('base64'),
  });
  const issued = await post(`${url}/dynamic-secret-get-value`, {
    name: environment['DATABASE_SECRET'],
    token: z.object({ token: z.string() }).parse(login).token,
  });
  return z.object({ user: z.string(), password: z.string() }).parse(issued);
}
