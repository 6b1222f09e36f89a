import { spawnSync } from 'node:child_process';

const PREFERRED = 'slipway';

let account;

/**
 * Who runs the programs that refuse to run as root: `{ name, uid, gid }`, or undefined where we are not root and they
 * run as we do. A system user of its own, made on first need; where that cannot be made, `nobody`.
 */
export function serviceAccount() {
  if (process.getuid?.() !== 0) return undefined;
  account ??= lookUp(PREFERRED) ?? create(PREFERRED) ?? lookUp('nobody');
  return account;
}

function lookUp(name) {
  const uid = numberFrom('id', ['-u', name]);
  const gid = numberFrom('id', ['-g', name]);
  return uid === undefined || gid === undefined ? undefined : { name, uid, gid };
}

function create(name) {
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', name]);
  return lookUp(name);
}

function numberFrom(command, args) {
  const answer = spawnSync(command, args, { encoding: 'utf8' });
  return answer.status === 0 ? Number(answer.stdout.trim()) : undefined;
}

/** Whether the account may enter a folder: asked of the system, as that account. */
export function mayEnter(account, folder) {
  return test(account, '-x', folder);
}

/** Whether the account may run a program and read it. */
export function mayRun(account, program) {
  return test(account, '-x', program) && test(account, '-r', program);
}

function test({ uid, gid }, question, file) {
  return spawnSync('/bin/sh', ['-c', `test ${question} "$1"`, 'sh', file], { uid, gid, cwd: '/' }).status === 0;
}
