/** What Akeyless runs to make a temporary user and to take it away; it fills in `{{name}}` and `{{password}}` as text. */
interface MysqlStatements {
  creation: string;
  revocation: string;
}

type MysqlProfile = 'mysql' | 'mariadb';

/** What an application does with its own schema, migrations included; nothing beyond it, and nothing to pass on. */
const PRIVILEGES = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
  'DROP',
  'INDEX',
  'REFERENCES',
  'CREATE TEMPORARY TABLES',
  'LOCK TABLES',
  'CREATE VIEW',
  'SHOW VIEW',
  'TRIGGER',
  'EXECUTE',
];

/**
 * `IDENTIFIED BY` without a plugin, for both: MySQL 9 has no mysql_native_password any more, and MariaDB no `WITH … BY`.
 * Neither server ends the sessions of a user it drops. MariaDB can be told to, by name; MySQL has no statement for it, so
 * there a session lives on until its client or `wait_timeout` ends it.
 *
 * Throws RangeError on a name outside the allow-list: substitution is textual, so nothing else may come near a statement.
 */
export function mysqlStatements(database: string, profile: MysqlProfile): MysqlStatements {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(database)) throw new RangeError('Not a database name we put into SQL.');
  const user = "'{{name}}'@'%'";
  const creation = [
    `CREATE USER ${user} IDENTIFIED BY '{{password}}'`,
    `GRANT ${PRIVILEGES.join(', ')} ON \`${escapeWildcards(database)}\`.* TO ${user}`,
  ];
  const revocation = [`DROP USER IF EXISTS ${user}`];
  if (profile === 'mariadb') revocation.push("KILL CONNECTION USER '{{name}}'");
  return { creation: asText(creation), revocation: asText(revocation) };
}

/** In the database name of a GRANT, `_` and `%` stand for any character: `a_b` would open `axb` too. */
function escapeWildcards(name: string): string {
  return name.replace(/[_%]/g, '\\$&');
}

function asText(statements: string[]): string {
  return statements.map((statement) => `${statement};`).join(' ');
}
