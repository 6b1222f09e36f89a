import { SecretReference } from '@slipway/contracts';
import { z } from 'zod';

export const KubernetesConfig = z.strictObject({
  /** Path of a kubeconfig. Absent: the cluster this process runs in, by its service account. */
  kubeconfig: z.string().min(1).optional(),
  /** Of the kubeconfig; absent: its current one. */
  context: z.string().min(1).optional(),
  /** Container registries by host, `ghcr.io`: who may pull from them, for `kubernetes:pull-secret`. */
  registries: z.record(z.string(), z.strictObject({ username: z.string().min(1), password: SecretReference })).default({}),
});
export type KubernetesConfig = z.infer<typeof KubernetesConfig>;
