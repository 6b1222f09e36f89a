import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { SlipwayError } from '@slipway/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/public.js';
import { RUNTIME } from '../runtime-token.js';
import type { ApiRuntime } from '../runtime.js';
import { pageHeaders } from './content-security-policy.js';
import { sendPlainPage } from './plain-page.js';
import { webFile } from './web-file.js';

/** Whatever no other route answers: a file of the web app, or its one page for every address that it routes itself. */
@Public()
@Controller()
export class WebController {
  constructor(@Inject(RUNTIME) private readonly runtime: ApiRuntime) {}

  @Get('*')
  async serve(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<unknown> {
    const path = request.url.split('?', 1)[0] ?? '/';
    const file = await webFile(this.runtime.webFolder, path);
    if (file) {
      reply.headers(pageHeaders);
      // Built assets carry a digest in their name.
      return reply.sendFile(
        file,
        this.runtime.webFolder,
        path.startsWith('/assets/') ? { maxAge: '1y', immutable: true } : { maxAge: 0 },
      );
    }
    if (!wantsPage(path, request.headers.accept)) {
      throw new SlipwayError('not_found', `There is no route GET ${path}.`);
    }
    if (!(await webFile(this.runtime.webFolder, '/index.html'))) {
      return sendPlainPage(
        reply,
        200,
        'Slipway is running',
        'Its web app has not been built: run npm run build, then restart. The API is at /v1, described in /openapi.json.',
      );
    }
    return reply.headers(pageHeaders).sendFile('index.html', this.runtime.webFolder, { maxAge: 0 });
  }
}

/** A browser that opens an address, not a program that calls an API that is not there. */
function wantsPage(path: string, accept: string | undefined): boolean {
  return !/^\/(v1|graphql|webhooks|health)(\/|$)/.test(path) && (accept ?? '').includes('text/html');
}
