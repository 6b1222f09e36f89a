import { StepError } from '@slipway/engine';
import { createConnection } from 'mysql2/promise';

export interface Credential {
  id: string;
  user: string;
  password: string;
  ttlMinutes: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Logs in to the database and asks it something. The driver's messages name user and host, so only its codes are passed on. */
export async function logIn({ host, port }: { host: string; port: number }, { user, password }: Credential): Promise<void> {
  try {
    const connection = await createConnection({ host, port, user, password, connectTimeout: CONNECT_TIMEOUT_MS });
    try {
      await connection.query('SELECT 1');
    } finally {
      connection.destroy();
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ER_ACCESS_DENIED_ERROR') {
      throw new StepError(
        'fatal',
        'akeyless_credential_refused',
        `The database at ${host}:${port} refuses the credential that was just issued.`,
        {
          remedy: 'Check that the target and this login lead to the same database server.',
        },
      );
    }
    throw new StepError('retry', 'akeyless_login_failed', `Could not log in to the database at ${host}:${port} (${code}).`, {
      remedy: 'Check that the worker reaches this address; leave login out where only the Gateway does.',
    });
  }
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
