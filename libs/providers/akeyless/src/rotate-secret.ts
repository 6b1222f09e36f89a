import { defineStep } from '@slipway/engine';
import { z } from 'zod';
import type { AkeylessClient } from './client.js';
import { ItemPath } from './item-name.js';
import { requireOurs, rotate } from './rotated-secrets.js';

const Path = z.strictObject({ path: ItemPath });

/** A step that is called again rotates again: the password before last is as good as the last one, unknown to everybody. */
export function rotateSecretStep(client: AkeylessClient) {
  return defineStep({
    id: 'akeyless:rotated-secret:rotate',
    description: "Gives a target's user another password now",
    input: Path,
    output: Path,
    workspace: 'none',
    foresee: ({ path }) => [
      { effect: 'change', kind: 'akeyless:rotated-secret', externalId: path, title: `Password behind ${path}` },
    ],
    async run(ctx, { path }) {
      await requireOurs(client, path, ctx.mark, ctx.signal);
      await rotate(client, path, ctx.signal);
      ctx.log.info(`${path} has another password; the Gateway keeps it in the target.`);
      return { output: { path } };
    },
  });
}
