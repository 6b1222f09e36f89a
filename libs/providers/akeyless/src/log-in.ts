import { readNetworkFailure, StepError, untilAborted } from '@slipway/engine';
import { createConnection } from 'mysql2/promise';

interface Address {
  host: string;
  port: number;
}

export interface Credential {
  id: string;
  user: string;
  password: string;
  ttlMinutes: number;
}

const DEADLINE_MS = 10_000;

/** Logs in to the database and asks it something. The driver's messages name user and host, so only its codes are passed on. */
export async function logIn({ host, port }: Address, { user, password }: Credential, signal: AbortSignal): Promise<void> {
  const connecting = createConnection({ host, port, user, password, connectTimeout: DEADLINE_MS });
  const asking = connecting.then((connection) => connection.query('SELECT 1'));
  try {
    await untilAborted(asking, AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]));
  } catch (error) {
    const { code } = readNetworkFailure(error);
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
  } finally {
    // It may come only after we gave up.
    connecting.then(
      (connection) => connection.destroy(),
      () => undefined,
    );
  }
}
