import { asFailure } from './failure.mjs';
import { isInterrupted } from './interruption.mjs';
import { dim, green, isInteractive, red, say, seconds } from './terminal.mjs';

const TITLE_WIDTH = 18;
/** Without a terminal a stage is one line when it ends; one that takes longer is announced, so that a log never looks stuck. */
const ANNOUNCE_AFTER_MS = 3_000;

/**
 * Runs one stage and prints its title, its result and the time it took. `work` is handed `note(text)`: what to say
 * behind the title. Answers what `work` answers; throws a Failure that knows its stage.
 */
export async function stage(title, work) {
  const startedAt = performance.now();
  const progress = showProgress(title, startedAt);
  let detail = '';
  try {
    const result = await work((text) => { detail = text; });
    progress.end();
    say(stageLine(green('✓'), title, detail, startedAt));
    return result;
  } catch (error) {
    progress.end();
    const failure = asFailure(error);
    failure.stage ??= title;
    if (!isInterrupted()) say(stageLine(red('✗'), title, failure.code, startedAt));
    throw failure;
  }
}

function showProgress(title, startedAt) {
  if (!isInteractive()) {
    const timer = setTimeout(() => say(`· ${title} …`), ANNOUNCE_AFTER_MS);
    timer.unref();
    return { end: () => clearTimeout(timer) };
  }
  const draw = () => process.stdout.write(`\r\u001b[2K${dim('·')} ${title.padEnd(TITLE_WIDTH)} ${dim(seconds(performance.now() - startedAt))}`);
  draw();
  const timer = setInterval(draw, 1_000);
  timer.unref();
  return {
    end() {
      clearInterval(timer);
      process.stdout.write('\r\u001b[2K');
    },
  };
}

function stageLine(sign, title, detail, startedAt) {
  const time = dim(seconds(performance.now() - startedAt).padStart(8));
  return `${sign} ${title.padEnd(TITLE_WIDTH)} ${time}  ${detail}`.trimEnd();
}
