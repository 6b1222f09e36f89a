import { asFailure } from './failure.mjs';
import { bold, dim, red, say } from './terminal.mjs';

/** Prints what failed, the end of its output, and what to do about it. */
export function reportFailure(error) {
  const failure = asFailure(error);
  say();
  say(`${red(bold(failure.code))}${failure.stage ? dim(`  in ${failure.stage}`) : ''}`);
  say(failure.message);
  if (failure.tail) {
    say();
    for (const line of failure.tail.trimEnd().split('\n')) say(dim(`  │ ${line}`));
  }
  if (failure.logFile) say(dim(`  All of its output: ${failure.logFile}`));
  if (failure.advice) {
    say();
    say(`${bold('What to do:')} ${failure.advice}`);
  }
}
