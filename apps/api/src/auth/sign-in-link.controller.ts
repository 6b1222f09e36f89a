import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { SlipwayError } from '@slipway/contracts';
import { redeemSignInLink } from '@slipway/portal';
import type { FastifyReply } from 'fastify';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { sendPlainPage } from '../web/plain-page.js';
import { Public } from './public.js';
import { sessionCookie } from './session-cookie.js';

@Public()
@Controller('auth')
export class SignInLinkController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  /** The one route a person's browser opens from outside; so a link that no longer works is answered with a page. */
  @Get('link')
  async follow(@Query('token') token: unknown, @Res() reply: FastifyReply): Promise<unknown> {
    reply.header('cache-control', 'no-store');
    if (typeof token !== 'string' || token === '') {
      return sendPlainPage(
        reply,
        401,
        'This is no sign-in link',
        'The address holds no token: copy the link whole, or ask for a new one.',
      );
    }
    try {
      const session = await redeemSignInLink(this.runtime.portal, { token });
      const secure = this.runtime.publicUrl.startsWith('https:');
      return reply.header('set-cookie', sessionCookie(session.sessionToken, session.expiresAt, secure)).redirect('/', 303);
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.code !== 'unauthorized') throw error;
      return sendPlainPage(reply, 410, 'This sign-in link no longer works', error.message);
    }
  }
}
