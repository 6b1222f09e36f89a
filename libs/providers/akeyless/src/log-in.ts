import { readNetworkFailure, StepError, untilAborted } from '@slipway/engine';
import { createConnection } from 'mysql2/promise';
import { z } from 'zod';

export interface Address {
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

/**
 * Logs in to the database and looks that the credential sees the schema it is for, and no other. The driver's messages name
 * user and host, so only its codes are passed on.
 */
export async function logIn(
  { host, port }: Address,
  { user, password }: Credential,
  database: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const connecting = createConnection({ host, port, user, password, connectTimeout: DEADLINE_MS });
  const asking = connecting.then((connection) => connection.query('SHOW DATABASES'));
  try {
    const [rows] = await untilAborted(asking, AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]));
    assertOwnSchema(Schemas.parse(rows).map((row) => row.Database), database);
  } catch (error) {
    if (error instanceof StepError) throw error;
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
      remedy: 'Check that the worker reaches this address; leave akeyless.databases out where only the Gateway does.',
    });
  } finally {
    // It may come only after we gave up.
    connecting.then(
      (connection) => connection.destroy(),
      () => undefined,
    );
  }
}

const Schemas = z.array(z.object({ Database: z.string() }));

/** The server shows these two to everybody. */
const OF_THE_SERVER = ['information_schema', 'performance_schema'];

function assertOwnSchema(visible: readonly string[], database: string | undefined): void {
  const schemas = visible.filter((schema) => !OF_THE_SERVER.includes(schema));
  const [only] = schemas;
  if (schemas.length === 1 && (database === undefined || only === database)) return;
  const expected = database === undefined ? 'just one schema' : `just the schema ${database}`;
  const seen = schemas.length === 0 ? 'none' : schemas.join(', ');
  throw new StepError('fatal', 'akeyless_credential_wrong_schema', `An issued credential should see ${expected}; it sees ${seen}.`, {
    remedy: 'Check the database that the dynamic secret grants rights on, and what the server grants to everybody.',
  });
}
