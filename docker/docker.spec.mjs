import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';

// There need not be a Docker engine here: what can be said of the files without one.
const dockerfile = readFileSync(path.join(import.meta.dirname, 'Dockerfile'), 'utf8');
const composeFile = path.join(import.meta.dirname, 'compose.yaml');
const { services, volumes } = parse(readFileSync(composeFile, 'utf8'), { merge: true });
const each = Object.entries(services);

/** What is wrong by the schema of the Compose specification or by the linter's rules; what it warns of is style. */
function findings(file) {
  const [{ messages }] = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] }).lintFiles([file], false);
  return messages.filter(({ type }) => type === 'error').map(({ rule, message }) => `${rule}: ${message}`);
}

describe('the Dockerfile', () => {
  it('has no finding', () => expect(validate(dockerfile).map(({ message }) => message)).toEqual([]));

  it.each(['api', 'worker', 'sandbox', 'tools'])('runs %s as an unprivileged user by number, as one Node process', (target) => {
    const stage = stageOf(target);
    expect(stage).toMatch(/^USER 1000:1000$/m);
    expect(stage).toMatch(/^HEALTHCHECK /m);
    expect(target === 'tools' ? stage : stageOf('runtime')).toMatch(/^ENTRYPOINT \["node"/m);
  });

  it('has every base image by its minor version', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+:\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases)).toEqual(new Set([expect.stringMatching(/^node:24\.\d+-slim$/)]));
  });
});

describe('compose.yaml', () => {
  it('has no finding', () => expect(findings(composeFile)).toEqual([]));

  it('would not pass with a key that Compose does not know', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'slipway-compose-'));
    const file = path.join(folder, 'compose.yaml');
    try {
      writeFileSync(file, 'name: wrong\nservices:\n  one:\n    image: redis:8\n    read_olny: true\n');
      expect(findings(file)).toEqual([expect.stringContaining('invalid-schema')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(each)('%s has a read-only root filesystem and no privilege', (_name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });

  it.each(each)('%s is told no secret', (_name, { environment = {} }) => {
    for (const [name, value] of Object.entries(environment)) {
      if (/(PASSWORD|SECRET|TOKEN|KEY)(_FILE)?$/.test(name)) expect(value).toMatch(/^(file:)?\//);
      expect(String(value)).not.toMatch(/:\/\/[^/]*@/);
    }
  });

  it('names stages, services and volumes that are there', () => {
    for (const [, { build, depends_on: needs = {}, network_mode: network = '', volumes: mounts = [] }] of each) {
      if (build) expect(stageOf(build.target)).toBeDefined();
      for (const name of Object.keys(needs)) expect(services).toHaveProperty(name);
      if (network.startsWith('service:')) expect(services).toHaveProperty(network.slice('service:'.length));
      for (const mount of mounts) expect(volumes).toHaveProperty(mount.split(':')[0]);
    }
  });

  it('publishes on the loopback alone, and each port as the number that its program listens on', () => {
    const { sandbox: { environment: sandbox }, mariadb } = services;
    const told = Object.entries(sandbox).filter(([name]) => name.endsWith('_PORT')).map(([, port]) => port);
    const listening = [3000, ...told, Number(/\d+/.exec(mariadb.command[0])[0])].sort();
    expect(services.pod.ports).toEqual(listening.map((port) => `127.0.0.1:${port}:${port}`));
    expect(each.filter(([name, { ports }]) => ports && name !== 'pod')).toEqual([]);
  });

  it('gives each worker a health port of its own', () => {
    const ports = each.filter(([name]) => name.startsWith('worker')).map(([, { environment }]) => environment.SLIPWAY_HEALTH_PORT);
    expect(ports.length).toBeGreaterThan(1);
    expect(new Set(ports).size).toBe(ports.length);
  });
});

it('no image and no service decides that there is a sandbox', () => {
  expect(dockerfile).not.toMatch(/^[^#]*SLIPWAY_SANDBOX/m);
  for (const [, { environment = {} }] of each) expect(environment).not.toHaveProperty('SLIPWAY_SANDBOX');
});

function stageOf(target) {
  return dockerfile.split(/^(?=FROM )/m).find((stage) => stage.split('\n', 1)[0].endsWith(` AS ${target}`));
}
