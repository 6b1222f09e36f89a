import { mysqlStatements } from './mysql-statements.js';

const CREATE = "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}';";
const DROP = "DROP USER IF EXISTS '{{name}}'@'%';";

describe('mysqlStatements', () => {
  it.each([
    ['shop', 'mysql', '`shop`', DROP],
    ['shop', 'mariadb', '`shop`', `${DROP} KILL CONNECTION USER '{{name}}';`],
    ['shop_eu_1', 'mysql', '`shop\\_eu\\_1`', DROP],
  ] as const)('%s on %s', (database, profile, schema, revocation) => {
    const statements = mysqlStatements(database, profile);
    const grant = statements.creation.slice(CREATE.length + 1);
    expect(statements.creation.startsWith(CREATE)).toBe(true);
    expect(grant).toMatch(/^GRANT [A-Z, ]+ ON `[^`]+`\.\* TO '\{\{name\}\}'@'%';$/);
    expect(grant).toContain(` ON ${schema}.* TO `);
    expect(grant).not.toMatch(/ALL|GRANT OPTION|SUPER|FILE/);
    expect(statements.revocation).toBe(revocation);
  });

  it.each(['', '1shop', 'sh`op', "sh'op", 'sh\\op', 'a;b', '{{name}}', '%', '*', 'a b', 'ä', 'a'.repeat(65)])(
    'refuses %j',
    (database) => {
      expect(() => mysqlStatements(database, 'mysql')).toThrow(RangeError);
    },
  );
});
