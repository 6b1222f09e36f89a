import { withConnection } from '../../migrations/connection.mjs';

/** Makes the database that `url` names, if it is missing. */
export async function ensureDatabase(url) {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  await withMaintenanceConnection(url, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
}

/** Drops every database but the system's and the one `url` names: what killed test runs left behind. */
export async function dropOtherDatabases(url) {
  const kept = decodeURIComponent(new URL(url).pathname.slice(1));
  await withMaintenanceConnection(url, async (client) => {
    const { rows } = await client.query("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', $1)", [kept]);
    for (const { datname } of rows) await client.query(`DROP DATABASE ${client.escapeIdentifier(datname)} WITH (FORCE)`);
  });
}

function withMaintenanceConnection(url, work) {
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  return withConnection(maintenance.href, work);
}
