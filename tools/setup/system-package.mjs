import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { findProgram } from './find-program.mjs';
import { runCommand } from './run-command.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const OUR_POLICY = '#!/bin/sh\n# Slipway installs programs, not services. Safe to remove.\nexit 101\n';

/**
 * Refuses to begin where something is missing that only its user can install: all of it at once, and before the minutes
 * that the rest of the set-up takes. `wanted` are as below, each with `isThere()`.
 */
export function refuseWithoutPrograms(wanted) {
  const missing = wanted.filter((program) => !program.isThere() && !isInstallable(program));
  if (missing.length === 0) return;
  if (missing.length === 1) throw missingProgram(missing[0]);
  throw new Failure('PROGRAMS_MISSING', `${missing.map(({ what }) => what).join(' and ')} are not installed, and cannot be installed here without asking you.`, {
    advice: missing.map(({ what, advice }) => `${what}: ${advice}`).join('\n'),
  });
}

/** Whether the system's package manager would install it without a question. */
export function isInstallable({ brew }) {
  return process.getuid?.() === 0 ? Boolean(findProgram('apt-get')) : Boolean(brew && findProgram('brew'));
}

function missingProgram({ what, advice }) {
  return new Failure(`${what.toUpperCase()}_MISSING`, `${what} is not installed, and cannot be installed here without asking you.`, { advice });
}

/**
 * Installs a program with the system's package manager where that asks nobody anything: apt as root, or Homebrew.
 * `wanted` is `{ what, apt: [[packages], …alternatives], brew, cask, units, advice }`; system services that come with a
 * package are neither started nor left enabled. Throws a Failure with the advice where it cannot.
 */
export async function installSystemPackage(wanted) {
  const name = `setup-${wanted.what.toLowerCase()}`;
  const failing = { code: `${wanted.what.toUpperCase()}_NOT_INSTALLED`, advice: wanted.advice, mayOutliveUs: true };
  if (process.getuid?.() === 0 && findProgram('apt-get')) return installWithApt(name, wanted, failing);
  if (isInstallable(wanted)) {
    return runCommand(name, 'brew', ['install', ...(wanted.cask ? ['--cask'] : []), wanted.brew], {
      ...failing,
      env: { ...process.env, NONINTERACTIVE: '1', HOMEBREW_NO_AUTO_UPDATE: '1', HOMEBREW_NO_ENV_HINTS: '1' },
    });
  }
  throw missingProgram(wanted);
}

async function installWithApt(name, { apt, units = [] }, failing) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  await runCommand(`${name}-update`, 'apt-get', [...wait, 'update'], { ...failing, env });
  const packages = apt.find((names) => names.every(isOffered)) ?? apt.at(-1);
  await withoutServices(units, () =>
    runCommand(name, 'apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...packages], { ...failing, env }));
}

function isOffered(name) {
  return /Candidate: (?!\(none\))/.test(spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' }).stdout ?? '');
}

/** Debian starts what it installs, unless this file says no; containers usually have one already. */
async function withoutServices(units, work) {
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, OUR_POLICY, { mode: 0o755 });
  try {
    await work();
  } finally {
    if (ours) rmSync(POLICY, { force: true });
    if (existsSync('/run/systemd/system')) for (const unit of units) spawnSync('systemctl', ['disable', unit]);
  }
}
