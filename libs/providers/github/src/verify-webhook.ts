import { isUtf8 } from 'node:buffer';
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether GitHub sent these bytes: `signature` is the header `X-Hub-Signature-256`, over the body exactly as it came. To be
 * asked before anything is parsed. The comparison takes the same time wherever the two differ.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function verifyWebhook(secret: string, body: Uint8Array, signature: string | undefined): boolean {
  if (!signature || !secret || body.length === 0 || !isUtf8(body)) return false;
  const given = Buffer.from(signature);
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
