import { resolve } from 'node:path';
import { z } from 'zod';
import type { Listener } from './ports.js';

export interface Config {
  home: string;
  host: string;
  publicHost: string;
  /** Only those that were asked for; the rest are chosen. */
  ports: Partial<Record<Listener, number>>;
  /** The administrator's URL of a MariaDB that runs already. Absent: the sandbox starts its own. */
  mysqlUrl: string | undefined;
}

const Port = z.coerce.number().int().min(1).max(65_535).optional();

const Environment = z.object({
  SANDBOX_HOME: z.string({ error: 'is required: the data folder of this sandbox' }).min(1),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_PUBLIC_HOST: z.string().min(1).optional(),
  SANDBOX_GITHUB_PORT: Port,
  SANDBOX_AKEYLESS_PORT: Port,
  SANDBOX_ARGOCD_PORT: Port,
  SANDBOX_KUBERNETES_PORT: Port,
  SANDBOX_CONTROL_PORT: Port,
  SANDBOX_MYSQL_PORT: Port,
  SANDBOX_MYSQL_URL: z.url().optional(),
});

/** @throws Error naming every variable that is missing or wrong. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  // A variable set to nothing, as compose files do, counts as absent.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new Error(`The sandbox cannot start: ${faults.join('; ')}`);
  }
  const values = parsed.data;
  const ports = {
    github: values.SANDBOX_GITHUB_PORT,
    akeyless: values.SANDBOX_AKEYLESS_PORT,
    argocd: values.SANDBOX_ARGOCD_PORT,
    kubernetes: values.SANDBOX_KUBERNETES_PORT,
    control: values.SANDBOX_CONTROL_PORT,
    mysql: values.SANDBOX_MYSQL_PORT,
  };
  return {
    home: resolve(values.SANDBOX_HOME),
    host: values.SANDBOX_HOST,
    publicHost: values.SANDBOX_PUBLIC_HOST ?? values.SANDBOX_HOST,
    ports: Object.fromEntries(Object.entries(ports).filter(([, port]) => port !== undefined)),
    mysqlUrl: values.SANDBOX_MYSQL_URL,
  };
}
