import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const publicRoute = 'slipway:public';

/** Lets anyone in. Everything not marked so asks for a token or a session. */
export function Public(): CustomDecorator {
  return SetMetadata(publicRoute, true);
}
