import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.mjs';
import { findProgram } from './find-program.mjs';
import { runCommand } from './run-command.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const OUR_POLICY = '#!/bin/sh\n# Slipway installs programs, not services. Safe to remove.\nexit 101\n';

/**
 * Installs a program with the system's package manager where that asks nobody anything: apt as root, or Homebrew.
 * `wanted` is `{ what, apt: [[packages], …alternatives], brew, cask, units, advice }`; system services that come with a
 * package are neither started nor left enabled. Throws a Failure with the advice where it cannot.
 */
export async function installSystemPackage(wanted) {
  const name = `setup-${wanted.what.toLowerCase()}`;
  const failing = { code: `${wanted.what.toUpperCase()}_NOT_INSTALLED`, advice: wanted.advice, mayOutliveUs: true };
  if (process.getuid?.() === 0 && findProgram('apt-get')) return installWithApt(name, wanted, failing);
  if (wanted.brew && process.getuid?.() !== 0 && findProgram('brew')) {
    return runCommand(name, 'brew', ['install', ...(wanted.cask ? ['--cask'] : []), wanted.brew], {
      ...failing,
      env: { ...process.env, NONINTERACTIVE: '1', HOMEBREW_NO_AUTO_UPDATE: '1', HOMEBREW_NO_ENV_HINTS: '1' },
    });
  }
  throw new Failure(`${wanted.what.toUpperCase()}_MISSING`, `${wanted.what} is not installed, and installing it needs your password.`, {
    advice: wanted.advice,
  });
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
