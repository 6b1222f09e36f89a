import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface GoldenPathVariants {
  /** For `startProduct`. */
  overlay: string;
  /** As they come in sequence. `keeps`: its failure leaves everything standing, whatever the action says. */
  steps: Array<{ id: string; action: string; keeps: boolean }>;
}

/** The golden path as `deploy_in_sequence`, `deploy_with_pauses` and `deploy_and_keep`, written below `folder`. */
export async function writeVariants(folder: string): Promise<GoldenPathVariants> {
  const module = path.join(import.meta.dirname, '../../tools/test/golden-path-variants.mjs');
  const tools = (await import(pathToFileURL(module).href)) as { writeVariants(folder: string): GoldenPathVariants };
  return tools.writeVariants(folder);
}
