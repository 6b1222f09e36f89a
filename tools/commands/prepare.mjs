import { prepareCheckout } from '../setup/prepare-checkout.mjs';

/** What `npx slipway` has done before it begins: everything installed and built, and nothing started. */
export async function run() {
  await prepareCheckout();
  return 0;
}
