import { z } from 'zod';
import { defineStep } from '../step-definition.js';

const Input = z.object({ message: z.string().optional() });

export const debugLog = defineStep<z.infer<typeof Input>, Record<string, never>>({
  id: 'debug:log',
  description: 'Writes a message to the log.',
  input: Input,
  output: z.object({}),
  workspace: 'none',
  run(ctx, { message }) {
    if (message !== undefined) ctx.log.info(message);
    return Promise.resolve({ output: {} });
  },
});
