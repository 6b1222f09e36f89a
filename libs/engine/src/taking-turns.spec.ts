import { takingTurns } from './taking-turns.js';

it('lets all else have its turn once the work has gone on for 20 ms, and then again', async () => {
  let now = 1_000;
  const pause = takingTurns(() => now);
  const others: number[] = [];
  for (const [piece, took] of [10, 10, 10, 10, 10, 10].entries()) {
    setImmediate(() => others.push(piece));
    now += took;
    await pause();
    // What was put off before a pause comes with it, and not before.
    expect(others).toHaveLength([0, 0, 3, 3, 3, 6][piece] ?? -1);
  }
});
