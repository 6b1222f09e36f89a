import { StepError } from '@slipway/engine';
import { z } from 'zod';
import { askFragment } from './ask-fragment.js';
import type { AkeylessClient } from './client.js';
import type { AkeylessConfig } from './config.js';
import { fragmentError } from './customer-fragment.js';

/** Whether the Gateway answers and lets us in, and whether the customer fragment is there; if not, what to do. */
export async function health(
  client: AkeylessClient,
  { url, customerFragment }: AkeylessConfig,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<{ ok: boolean; detail: string }> {
  try {
    const call = { doing: 'validate its token', writes: false, signal };
    await client.call(call, z.object({ is_valid: z.literal(true) }), (api, token) => api.validateToken({ token }));
    const trouble = customerFragment && (await askFragment(customerFragment.url, ca, signal));
    if (trouble) throw fragmentError(trouble, 'Akeyless cannot use the keys that have a customer fragment');
    return { ok: true, detail: `Akeyless at ${url}, logged in as ${client.accessId}` };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return { ok: false, detail: [error.message, error.remedy].filter(Boolean).join(' ') };
  }
}
