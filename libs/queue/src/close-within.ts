/** Resolves with whatever closes, and at the latest after `ms`: BullMQ's `close` never settles where Redis is away. */
export async function closeWithin(ms: number, closing: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([closing.catch(() => undefined), patience]);
  clearTimeout(timer);
}
