const WITHIN_MS = 20_000;
const LOOK_AGAIN_MS = 25;

/** The first value that the condition accepts. @throws Error with the last value seen once the deadline has passed. */
export async function until<T>(look: () => Promise<T>, condition: (value: T) => boolean, withinMs = WITHIN_MS): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (condition(value)) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain; last seen: ${JSON.stringify(value, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
