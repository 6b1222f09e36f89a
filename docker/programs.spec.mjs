import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

let folder;
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'slipway-docker-')); });
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs one of this folder's programs; answers its exit status. */
async function run(program, args, env = {}) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, program), ...args], { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  const [status] = await once(child, 'exit');
  return status;
}

describe('healthcheck.mjs', () => {
  let server;
  let asked;
  let answer;

  beforeEach(async () => {
    asked = [];
    answer = 200;
    server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(answer).end('{}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => server.close());

  const port = () => String(server.address().port);

  it.each([['api', 'PORT'], ['worker', 'SLIPWAY_HEALTH_PORT']])('asks %s whether it is ready', async (target, variable) => {
    expect(await run('healthcheck.mjs', [target], { [variable]: port() })).toBe(0);
    answer = 503;
    expect(await run('healthcheck.mjs', [target], { [variable]: port() })).toBe(1);
    expect(asked).toEqual(['/health/ready', '/health/ready']);
  });

  it('finds the control of the sandbox where it says, and fails until it has said', async () => {
    expect(await run('healthcheck.mjs', ['sandbox'], { SANDBOX_HOME: folder })).toBe(1);
    writeFileSync(path.join(folder, 'sandbox.json'), JSON.stringify({ control: `http://sandbox.example:${port()}` }));
    expect(await run('healthcheck.mjs', ['sandbox'], { SANDBOX_HOME: folder })).toBe(0);
    expect(asked).toEqual(['/clock']);
  });

  it('fails where nobody listens', async () => {
    const closed = port();
    server.close();
    expect(await run('healthcheck.mjs', ['api'], { PORT: closed })).toBe(1);
  });
});

describe('grant-access.mjs', () => {
  const read = (name) => readFileSync(path.join(folder, name), 'utf8');
  const mode = (name) => (statSync(path.join(folder, name)).mode & 0o777).toString(8);
  const grant = () => run('grant-access.mjs', [path.join(folder, 'postgres'), path.join(folder, 'mariadb'), '127.0.0.1:3306']);

  it('makes a password for each side once', async () => {
    expect(await grant()).toBe(0);
    const [postgres, mariadb] = [read('postgres/secrets/password'), read('mariadb/secrets/password')];
    expect(postgres).not.toBe(mariadb);
    expect(read('postgres/environment')).toBe(`DATABASE_URL=postgresql://slipway:${postgres}@postgres:5432/slipway\n`);
    expect(read('mariadb/environment')).toBe(`SANDBOX_MYSQL_URL=mysql://root:${mariadb}@127.0.0.1:3306\n`);
    expect(await grant()).toBe(0);
    expect([read('postgres/secrets/password'), read('mariadb/secrets/password')]).toEqual([postgres, mariadb]);
  });

  it('lets the database read its password, and us alone the rest', async () => {
    await grant();
    expect(mode('postgres/secrets')).toBe('755');
    expect(mode('postgres/secrets/password')).toBe('444');
    expect(mode('postgres/environment')).toBe('600');
  });
});
