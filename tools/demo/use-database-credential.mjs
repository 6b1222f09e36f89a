import mysql from 'mysql2/promise';

/** What every account may see of a MariaDB. */
const SYSTEM_SCHEMAS = new Set(['information_schema', 'performance_schema']);

/**
 * Has Akeyless issue a credential of the dynamic secret, logs in to the database with it, looks that it reaches the
 * app's schema and no other, and gives the credential back. Answers what was seen.
 */
export async function useDatabaseCredential({ akeyless, host, port, secretName, schema }) {
  const { token } = await call(akeyless, '/auth', {
    'access-type': 'access_key',
    'access-id': akeyless.accessId,
    'access-key': akeyless.accessKey,
  });
  const credential = await call(akeyless, '/dynamic-secret-get-value', { name: secretName, token });
  try {
    await logIn({ host, port, credential, schema });
    return `${credential.user} may use ${schema} and nothing else, for ${credential.ttl_in_minutes} min (returned at once)`;
  } finally {
    await giveBack(akeyless, { name: secretName, token }, credential.id);
  }
}

/** A lease is named by its id and the host it was issued for, which only the list of leases tells. */
async function giveBack(akeyless, secret, id) {
  const leases = await call(akeyless, '/dynamic-secret-tmp-creds-Get', secret);
  const { host } = leases?.find((lease) => lease.id === id) ?? {};
  await call(akeyless, '/dynamic-secret-tmp-creds-delete', { ...secret, 'tmp-creds-id': id, ...(host ? { host } : {}) });
}

async function logIn({ host, port, credential, schema }) {
  const connection = await mysql.createConnection({
    host, port, user: credential.user, password: credential.password, database: schema, connectTimeout: 10_000,
  });
  try {
    await connection.query('SELECT 1');
    const [rows] = await connection.query({ sql: 'SHOW DATABASES', rowsAsArray: true });
    const foreign = rows.map(([name]) => name).filter((name) => name !== schema && !SYSTEM_SCHEMAS.has(name));
    if (foreign.length > 0) throw new Error(`the credential also sees ${foreign.join(', ')}`);
  } finally {
    await connection.end();
  }
}

async function call({ url }, path, body) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Akeyless answered ${response.status} to ${path}: ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : undefined;
}
