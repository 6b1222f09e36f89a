import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { processStart } from '../run/process-identity.mjs';
import { Failure } from './failure.mjs';
import { dataFolder } from './folders.mjs';
import { runCommand } from './run-command.mjs';
import { stage } from './stage.mjs';

/** The oldest Node that everything beyond the entry script may rely on. */
const REQUIRED_MAJOR = 24;

/**
 * Answers undefined where this process already runs on a new enough Node. Else it brings one from npm, runs the same
 * command on it, and answers that command's exit status.
 */
export async function runOnRequiredNode(entryScript, args) {
  if (majorOf(process.version) >= REQUIRED_MAJOR) {
    putFirstOnPath(path.dirname(process.execPath));
    return undefined;
  }
  const node = path.join(dataFolder(), 'node', 'node_modules', '.bin', 'node');
  if (!isWhole(node)) await stage('Node.js', (note) => install(node, note));
  putFirstOnPath(path.dirname(node));
  return continueOn(node, [entryScript, ...args]);
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
}

/** An interrupted installation leaves a program that is there and does not run. */
function isWhole(node) {
  if (!existsSync(node)) return false;
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return answer.status === 0 && majorOf(answer.stdout.trim()) >= REQUIRED_MAJOR;
}

async function install(node, note) {
  const folder = path.join(dataFolder(), 'node');
  removeInterrupted(folder);
  const building = `${folder}.${process.pid}`;
  await runCommand('setup-node', 'npm', ['install', '--prefix', building, '--no-audit', '--no-fund', `node@${REQUIRED_MAJOR}`], {
    code: 'NODE_NOT_INSTALLED',
    advice: `Check that the npm registry can be reached, or install Node.js ${REQUIRED_MAJOR} or newer yourself, and run the command again.`,
    cwd: dataFolder(),
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(building, folder);
  if (!isWhole(node)) {
    throw new Failure('NODE_NOT_RUNNING', `The Node.js that npm installed does not run here: ${node}`, {
      advice: `Install Node.js ${REQUIRED_MAJOR} or newer for this machine and run the command again.`,
    });
  }
  note(`${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()} (found ${process.version}, too old)`);
}

/** What a killed installation left beside the folder; one that is still going on keeps its own. */
function removeInterrupted(folder) {
  for (const name of readdirSync(path.dirname(folder))) {
    const pid = Number(/^node\.(\d+)$/.exec(name)?.[1]);
    if (pid && !processStart(pid)) rmSync(path.join(path.dirname(folder), name), { recursive: true, force: true });
  }
}

/** npm, nx and every script of theirs look for `node` on the path. */
function putFirstOnPath(folder) {
  const rest = (process.env.PATH ?? '').split(path.delimiter).filter((entry) => entry !== folder);
  process.env.PATH = [folder, ...rest].join(path.delimiter);
}

/** The channel is there so that the new process notices should this one be killed. */
function continueOn(node, args) {
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
