import { mysqlStatements } from './mysql-statements.js';

const CREATE = "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}';";
const DROP = "DROP USER IF EXISTS '{{name}}'@'%';";

describe('mysqlStatements', () => {
  it.each([
    ['shop', 'mysql', '`shop`', DROP],
    ['shop', 'mariadb', '`shop`', DROP],
    ['shop_eu_1', 'mysql', '`shop\\_eu\\_1`', DROP],
  ] as const)('%s on %s', (database, profile, schema, revocation) => {
    const statements = mysqlStatements(database, profile, false);
    const grant = statements.creation.slice(CREATE.length + 1);
    expect(statements.creation.startsWith(CREATE)).toBe(true);
    expect(grant).toMatch(/^GRANT [A-Z, ]+ ON `[^`]+`\.\* TO '\{\{name\}\}'@'%';$/);
    expect(grant).toContain(` ON ${schema}.* TO `);
    expect(grant).not.toMatch(/ALL|GRANT OPTION|SUPER|FILE/);
    expect(statements.revocation).toBe(revocation);
  });

  it('ends sessions once no new one can begin, by the words of either server', () => {
    expect(mysqlStatements('shop', 'mariadb').revocation).toBe(`${DROP} KILL CONNECTION USER '{{name}}';`);
    const { revocation } = mysqlStatements('shop', 'mysql');
    expect(revocation.startsWith(`${DROP} SET @slipway = `)).toBe(true);
    expect(revocation.match(/EXECUTE slipway;/g)).toHaveLength(20);
    expect([...revocation.matchAll(/OFFSET (\d+)/g)].map(([, at]) => Number(at))).toEqual(Array.from({ length: 20 }, (_, at) => 19 - at));
  });

  it.each(['', '1shop', 'sh`op', "sh'op", 'sh\\op', 'a;b', '{{name}}', '%', '*', 'a b', 'ä', 'a'.repeat(65)])(
    'refuses %j',
    (database) => {
      expect(() => mysqlStatements(database, 'mysql')).toThrow(RangeError);
    },
  );
});
