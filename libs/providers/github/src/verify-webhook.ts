import { verify } from '@octokit/webhooks-methods';

/**
 * Whether GitHub sent these bytes: `signature` is the header `X-Hub-Signature-256`, over the body exactly as it came. To be
 * asked before anything is parsed. The comparison takes the same time wherever the two differ.
 */
export async function verifyWebhook(secret: string, body: Uint8Array, signature: string | undefined): Promise<boolean> {
  if (!signature || !secret) return false;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return false;
  }
  // The library throws where it cannot even compare.
  return verify(secret, text, signature).catch(() => false);
}
