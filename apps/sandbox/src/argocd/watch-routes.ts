import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../core/context.js';
import type { Application } from './application.js';
import type { Access } from './access.js';
import type { ApplicationPlace } from './application-access.js';
import type { Applications, ChangeType } from './applications.js';
import { subjectOf } from './session.js';

const COMMENT_EVERY_MS = 15_000;
const DROP_AFTER_MS = 1_000;

/**
 * The watch: a line of JSON for each change, or server-sent events where the client accepts those. It opens with one ADDED
 * for each application that is there, unless the client says from which version on it knows; naming one application always
 * begins with it.
 */
export function watchRoutes(
  app: FastifyInstance,
  { applications, access, context }: { applications: Applications; access: Access; context: SandboxContext },
): void {
  const { clock, faults } = context;
  app.get<ApplicationPlace>('/api/v1/stream/applications', (request, reply) => {
    const { name, resourceVersion } = request.query;
    const project = request.query['projects'] ?? request.query['project'];
    const events = request.headers.accept === 'text/event-stream';
    const subject = subjectOf(request);
    const stream = new PassThrough();
    const send = (type: ChangeType, application: Application) => {
      if (name && application.metadata.name !== name) return;
      if (project && application.spec.project !== project) return;
      if (!access.allows(subject, 'applications', 'get', `${application.spec.project}/${application.metadata.name}`)) return;
      const frame = JSON.stringify({ result: { type, application } });
      stream.write(events ? `data: ${frame} \n\n` : `${frame}\n`);
    };
    const stopListening = applications.onChange(send);
    let stopComments: () => void = () => undefined;
    const comment = () => {
      stream.write(':\n');
      stopComments = clock.after(COMMENT_EVERY_MS, comment);
    };
    if (events) stopComments = clock.after(COMMENT_EVERY_MS, comment);
    stream.once('close', () => {
      stopListening();
      stopComments();
    });
    const { socket } = request.raw;
    socket.once('close', () => stream.destroy());
    const drop = faults.draw('argocd', 'watch-dropped', name ?? '');
    if (drop) stream.once('close', clock.after(drop.delayMs ?? DROP_AFTER_MS, () => socket.destroy()));
    if (name || !resourceVersion) for (const application of applications.list()) send('ADDED', application);
    return reply.type(events ? 'text/event-stream' : 'application/json').send(stream);
  });
}
