import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeFolder } from '../setup/folders.mjs';
import { commandOf, identify, isAlive, terminate } from './process-identity.mjs';
import { keepPort } from './ports.mjs';
import { keepSecret, writePrivateFile } from './secret-file.mjs';
import { spawnService } from './spawn-service.mjs';

/**
 * Redis (or Valkey: `program`) with its data in the data folder: `{ url, port, service }`. Its password is in its
 * configuration file, which only we may read, and so never on a command line.
 */
export async function prepareRedis({ home, program }) {
  const folder = makeFolder(path.join(home, 'redis'), 0o700);
  await stopLeftoverRedis(folder);
  const port = await keepPort(home, 'redis');
  const password = keepSecret(home, 'redis-password');
  const configuration = writePrivateFile(path.join(folder, 'redis.conf'), settings({ folder, port, password }));
  const service = {
    name: 'redis',
    stopSignal: 'SIGTERM',
    async launch() {
      const child = spawnService('redis', program, [configuration], { home });
      return { child, ready: whenAnswering(port, password, child) };
    },
  };
  return { url: `redis://:${password}@127.0.0.1:${port}`, port, service };
}

function settings({ folder, port, password }) {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${folder}"`,
    `pidfile "${path.join(folder, 'redis.pid')}"`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}

async function stopLeftoverRedis(folder) {
  const pid = readPid(path.join(folder, 'redis.pid'));
  if (pid === undefined) return;
  const server = identify(pid);
  const command = commandOf(pid);
  // Redis shows its address instead of its arguments.
  if (isAlive(server) && /redis-server|valkey-server/.test(command) && command.includes(`:${keptPort(folder)}`)) await terminate(server);
}

function keptPort(folder) {
  return /^port (\d+)$/m.exec(readFileSync(path.join(folder, 'redis.conf'), 'utf8'))?.[1];
}

function readPid(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/** Answers once PING does; while it reads its log back in, Redis answers LOADING. */
async function whenAnswering(port, password, child) {
  while (child.exitCode === null && child.signalCode === null) {
    if (await pings(port, password)) return;
    await pause(20);
  }
}

function pings(port, password) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('PONG') || answer.includes('-')) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(answer.includes('PONG')));
  });
}
