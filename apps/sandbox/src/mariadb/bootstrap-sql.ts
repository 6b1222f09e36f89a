import { quoteText } from './quoting.js';

export const ADMIN_USER = 'sandbox_admin';
/** Accounts that belong to the server and not to anyone the sandbox plays. */
export const SYSTEM_USERS = [ADMIN_USER, 'mariadb.sys', 'root', 'mysql', ''];

/**
 * What the server runs, as its own superuser, before it accepts a connection (`--init-file`: one statement a line). The fresh
 * installation's root without a password never sees a network, and a password lost and made anew takes effect at the next start.
 */
export function bootstrapSql(password: string): string {
  const admin = `'${ADMIN_USER}'@'127.0.0.1'`;
  return [
    "DELETE FROM mysql.global_priv WHERE User IN ('root', '');",
    'FLUSH PRIVILEGES;',
    `CREATE OR REPLACE USER ${admin} IDENTIFIED BY ${quoteText(password)};`,
    `GRANT ALL PRIVILEGES ON *.* TO ${admin} WITH GRANT OPTION;`,
    '',
  ].join('\n');
}
