import { setImmediate as nextTurn } from 'node:timers/promises';
import { defineStep } from '@slipway/engine';
import { z } from 'zod';

/** Steps that only a benchmark wants. */
export const benchProvider = {
  name: 'bench',
  kinds: [],
  steps: [
    defineStep({
      id: 'bench:say',
      description: 'Logs one line, and needs nothing for it.',
      input: z.object({}),
      output: z.object({}),
      workspace: 'none',
      async run(ctx) {
        ctx.log.info('hello');
        return { output: {} };
      },
    }),
    defineStep({
      id: 'bench:log',
      description: 'Logs as many lines, giving way to others every hundred.',
      input: z.object({ lines: z.int() }),
      output: z.object({}),
      workspace: 'none',
      async run(ctx, { lines }) {
        for (let line = 0; line < lines; line += 1) {
          ctx.log.info(`line ${line} of a step that has much to say`);
          if (line % 100 === 99) await nextTurn();
        }
        return { output: {} };
      },
    }),
    defineStep({
      id: 'bench:wait',
      description: 'Waits for ever, looking again every so often.',
      input: z.object({ everyMs: z.int() }),
      output: z.object({}),
      workspace: 'none',
      run: async (_ctx, { everyMs }) => ({ wait: { afterMs: everyMs, reason: 'for what never comes' } }),
    }),
  ],
};
