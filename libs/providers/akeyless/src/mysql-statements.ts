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

/** Of one user. A pool of an application has fewer; what is beyond ends with its client. */
const MOST_SESSIONS = 20;

/**
 * MariaDB ends the sessions of a user by its name. MySQL's KILL takes a number alone, and no subquery, so each is prepared
 * from the list of sessions (https://dev.mysql.com/doc/refman/8.4/en/kill.html); from the last to the first, since one that
 * is killed leaves the list at any moment. Prepared statements and variables are the session's: a Gateway that spread the
 * statements over several would fail here, which a probe of the dynamic secret shows at once.
 */
const END_SESSIONS: Record<MysqlProfile, string[]> = {
  mariadb: ["KILL CONNECTION USER '{{name}}'"],
  mysql: Array.from({ length: MOST_SESSIONS }, (_, position) => MOST_SESSIONS - 1 - position).flatMap((position) => [
    `SET @slipway = COALESCE((SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE user = '{{name}}' ORDER BY id LIMIT 1 OFFSET ${position}), 'DO 0')`,
    'PREPARE slipway FROM @slipway',
    'EXECUTE slipway',
  ]),
};

/**
 * `IDENTIFIED BY` without a plugin, for both: MySQL 9 has no mysql_native_password any more, and MariaDB no `WITH … BY`.
 * Neither server ends the sessions of a user it drops, so they are ended after it, when no new one can begin; the user of the
 * target needs PROCESS and CONNECTION ADMIN for that (MySQL: CONNECTION_ADMIN). Without PROCESS it finds none and ends none.
 *
 * Throws RangeError on a name outside the allow-list: substitution is textual, so nothing else may come near a statement.
 */
export function mysqlStatements(database: string, profile: MysqlProfile, endSessions = true): MysqlStatements {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(database)) throw new RangeError('Not a database name we put into SQL.');
  const user = "'{{name}}'@'%'";
  const creation = [
    `CREATE USER ${user} IDENTIFIED BY '{{password}}'`,
    `GRANT ${PRIVILEGES.join(', ')} ON \`${escapeWildcards(database)}\`.* TO ${user}`,
  ];
  const revocation = [`DROP USER IF EXISTS ${user}`, ...(endSessions ? END_SESSIONS[profile] : [])];
  return { creation: asText(creation), revocation: asText(revocation) };
}

/** In the database name of a GRANT, `_` and `%` stand for any character: `a_b` would open `axb` too. */
function escapeWildcards(name: string): string {
  return name.replace(/[_%]/g, '\\$&');
}

function asText(statements: string[]): string {
  return statements.map((statement) => `${statement};`).join(' ');
}
