/** What the gateway fills in by text, without any quoting. */
interface Substitutes {
  name: string;
  password: string;
}

/** The statements of a dynamic secret, placeholders filled in; to tell them apart is the server's business. */
export function renderStatements(text: string, { name, password }: Substitutes): string {
  return text.replaceAll('{{name}}', name).replaceAll('{{username}}', name).replaceAll('{{password}}', password);
}

/** The defaults of the documentation, which MySQL 8.4 and MariaDB refuse: whoever wants a user there writes their own. */
export const DEFAULT_CREATION =
  "CREATE USER '{{name}}'@'%' IDENTIFIED WITH mysql_native_password BY '{{password}}' PASSWORD EXPIRE INTERVAL 30 DAY;" +
  "GRANT SELECT ON *.* TO '{{name}}'@'%';";
export const DEFAULT_REVOCATION = "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{{name}}'@'%'; DROP USER '{{name}}'@'%';";
