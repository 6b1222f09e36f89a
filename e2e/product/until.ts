import { setTimeout } from 'node:timers/promises';

/** Asks again until there is an answer; throws, naming what was waited for, when there is none in time. */
export async function until<T>(what: string, look: () => Promise<T | null | undefined | false>, withinMs = 60_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await look();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain until ${what}.`);
    await setTimeout(100);
  }
}
