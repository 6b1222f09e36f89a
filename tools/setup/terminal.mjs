// How the commands look: colours only where a person reads, never a cursor trick where none is at the other end.

/** Whether text may be rewritten in place and coloured. `NO_COLOR` and CI turn both off. */
export function isInteractive(stream = process.stdout) {
  return Boolean(stream.isTTY) && !process.env.CI && process.env.TERM !== 'dumb';
}

function paint(open, close) {
  return (text) => (isInteractive() && !process.env.NO_COLOR ? `\u001b[${open}m${text}\u001b[${close}m` : String(text));
}

export const bold = paint(1, 22);
export const dim = paint(2, 22);
export const red = paint(31, 39);
export const green = paint(32, 39);
export const yellow = paint(33, 39);
export const cyan = paint(36, 39);

/** One line of our own; everything the commands print goes through here or through a stage. */
export function say(line = '') {
  process.stdout.write(`${line}\n`);
}

export function seconds(milliseconds) {
  return milliseconds < 60_000
    ? `${(milliseconds / 1000).toFixed(1)} s`
    : `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}
