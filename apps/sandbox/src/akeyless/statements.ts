/** What the gateway fills in by text, without any quoting. */
interface Substitutes {
  name: string;
  password: string;
}

/** The statements of a dynamic secret, one by one, placeholders filled in. Semicolons within quotes separate nothing. */
export function renderStatements(text: string, { name, password }: Substitutes): string[] {
  const filled = text.replaceAll('{{name}}', name).replaceAll('{{username}}', name).replaceAll('{{password}}', password);
  return split(filled);
}

function split(text: string): string[] {
  const statements: string[] = [];
  let current = '';
  let quote: string | undefined;
  for (const character of text) {
    if (quote === undefined && character === ';') {
      statements.push(current);
      current = '';
      continue;
    }
    if (quote === character) quote = undefined;
    else if (quote === undefined && `'"\``.includes(character)) quote = character;
    current += character;
  }
  statements.push(current);
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '');
}

/** The defaults of the documentation, which MySQL 8.4 and MariaDB refuse: whoever wants a user there writes their own. */
export const DEFAULT_CREATION =
  "CREATE USER '{{name}}'@'%' IDENTIFIED WITH mysql_native_password BY '{{password}}' PASSWORD EXPIRE INTERVAL 30 DAY;" +
  "GRANT SELECT ON *.* TO '{{name}}'@'%';";
export const DEFAULT_REVOCATION = "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{{name}}'@'%'; DROP USER '{{name}}'@'%';";
