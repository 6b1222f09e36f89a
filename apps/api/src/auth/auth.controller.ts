import { Body, Controller, Get, Header, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { Principal } from '@slipway/contracts';
import { authenticateClient, createSignInLink, endSession, issueAccessToken } from '@slipway/portal';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseInput } from '../http/parse-input.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { assertSameOrigin } from './authenticator.js';
import { Caller } from './caller.js';
import { Public } from './public.js';
import { endedSessionCookie, sessionTokenOf } from './session-cookie.js';

export const AccessTokenBody = z.object({ clientId: z.string().min(1).max(200), clientSecret: z.string().min(1).max(1_000) });
export const SignInLinkBody = z.object({ email: z.email().max(320) });

@Controller('v1')
export class AuthController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Public()
  @Post('auth/access_token')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  async accessToken(@Body() body: unknown): Promise<object> {
    const command = parseInput(AccessTokenBody, body);
    const principal = await authenticateClient(this.runtime.portal, command);
    return { ok: true, ...(await issueAccessToken(this.runtime.portal, principal)) };
  }

  @Post('auth/sign_in_links')
  @Header('cache-control', 'no-store')
  async signInLink(@Body() body: unknown, @Caller() principal: Principal): Promise<object> {
    const { email } = parseInput(SignInLinkBody, body);
    const link = await createSignInLink(this.runtime.portal, { principal, email });
    const url = `${this.runtime.publicUrl}/auth/link?token=${encodeURIComponent(link.token)}`;
    return { ok: true, url, expiresAt: link.expiresAt.toISOString() };
  }

  /** Open to those whose session has ended already: signing out twice is no fault. */
  @Public()
  @Post('auth/sign_out')
  @HttpCode(200)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const sessionToken = sessionTokenOf(request.headers.cookie);
    if (sessionToken !== null) {
      assertSameOrigin(request);
      await endSession(this.runtime.portal, { sessionToken });
    }
    reply.header('set-cookie', endedSessionCookie(this.runtime.publicUrl.startsWith('https:')));
    return { ok: true };
  }

  @Get('me')
  me(@Caller() principal: Principal): object {
    return { ok: true, principal };
  }
}
