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
      const event = String(request.headers['x-github-event'] ?? '');
      if (!EVENTS.includes(event)) return reply.code(400).type('text/plain').send('Unknown webhook event\n');
      if (!sameText(String(request.headers['x-hub-signature-256'] ?? ''), expected)) {
        return reply.code(400).type('text/plain').send('Webhook processing failed: HMAC verification failed\n');
      }
      if (event === 'push') notePush(controller, JSON.parse(body.toString()) as PushEvent);
      return reply.send();
    });
  });
}

/** Those that Argo CD knows; only a push changes what applications follow. */
const EVENTS = ['push', 'ping', 'pull_request', 'package'];

interface PushEvent {
  ref?: string;
  repository?: { html_url?: string; default_branch?: string };
}

function notePush(controller: Controller, { ref = '', repository = {} }: PushEvent): void {
  if (!repository.html_url) return;
  const revision = ref.replace(/^refs\/(heads|tags)\//, '');
  controller.repositoryChanged(repository.html_url, revision, revision === repository.default_branch);
}
