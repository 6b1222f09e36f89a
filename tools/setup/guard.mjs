// Runs the program of its arguments and ends with its status; ends it, with all that it started, when told to or when
// whoever started us is gone, however that died. npm alone would go on for half a minute, and meet the npm of the next start.
import { spawn } from 'node:child_process';
import process from 'node:process';

const GRACE_MS = 2_000;

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.once('error', (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once('exit', (status, signal) => {
  process.exitCode = status ?? 128;
  if (signal) console.error(`${command} was ended by ${signal}.`);
  if (process.connected) process.disconnect();
});

let ending = false;
function end() {
  if (ending || child.exitCode !== null || child.signalCode !== null) return;
  ending = true;
  child.kill('SIGTERM');
  // We lead the group that all of them are in.
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), GRACE_MS).unref();
  child.once('exit', () => process.kill(-process.pid, 'SIGKILL'));
}
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end);
process.on('disconnect', end);
