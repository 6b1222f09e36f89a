import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { sameText } from '../core/same-text.js';
import type { Controller } from './controller.js';

/** GitHub's push events, which spare waiting for the next look at the repository. */
export function webhookRoutes(app: FastifyInstance, controller: Controller, secret: string): void {
  app.register(async (scope) => {
    // The signature is over the bytes as they came.
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post('/api/webhook', (request, reply) => {
      const body = request.body as Buffer;
      const expected = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      const event = request.headers['x-github-event'];
      if (event !== 'push' && event !== 'ping') return reply.code(400).type('text/plain').send('Unknown webhook event\n');
      if (!sameText(String(request.headers['x-hub-signature-256'] ?? ''), expected)) {
        return reply.code(400).type('text/plain').send('Webhook processing failed: HMAC verification failed\n');
      }
      const payload = JSON.parse(body.toString()) as { repository?: { html_url?: string } };
      if (event === 'push' && payload.repository?.html_url) controller.repositoryChanged(payload.repository.html_url);
      return reply.send();
    });
  });
}
