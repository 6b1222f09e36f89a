import { z } from 'zod';

export const KubernetesConfig = z.strictObject({
  /** Path of a kubeconfig; its current context is used. Absent: the cluster this process runs in, by its service account. */
  kubeconfig: z.string().min(1).optional(),
});
export type KubernetesConfig = z.infer<typeof KubernetesConfig>;
