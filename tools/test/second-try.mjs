import path from 'node:path';
import { repositoryRoot } from '../setup/folders.mjs';
import { isInterrupted } from '../setup/interruption.mjs';
import { red, say } from '../setup/terminal.mjs';
import { runJest, sumOf } from './run-jest.mjs';

/** More than these at once are no chance. */
const most = 3;

/**
 * `counts` of a whole run, in which a spec or two that failed get a second try, one after the other with the machine to themselves.
 * What fails twice has failed. What does not is named, loudly: chance is a defect too, of the test or of what it tests.
 */
export async function withSecondTry(counts, options, { args = [], tell = say } = {}) {
  const failed = Object.keys(counts.specs).filter((spec) => counts.specs[spec].failed > 0);
  if (failed.length === 0 || failed.length > most || isInterrupted()) return counts;
  tell(`\nA second try, alone: ${namesOf(failed)}`);
  const again = await runJest([...args, '--runInBand', '--runTestsByPath', ...failed], options);
  const byChance = failed.filter((spec) => again.specs[spec]?.failed === 0);
  if (byChance.length > 0) tell(red(`\nFAILED BY CHANCE, and passed at the second try: ${namesOf(byChance)}. See above why, and mend it.`));
  const tried = Object.fromEntries(byChance.map((spec) => [spec, again.specs[spec]]));
  return sumOf({ ...counts.specs, ...tried });
}

function namesOf(specs) {
  return specs.map((spec) => path.relative(repositoryRoot, spec)).join(', ');
}
