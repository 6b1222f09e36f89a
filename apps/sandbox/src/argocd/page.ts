import type { FastifyInstance } from 'fastify';
import type { Application } from './application.js';
import { type Applications, NAMESPACE } from './applications.js';
import type { Project } from './project.js';
import type { Projects } from './projects.js';

/** What a person sees who follows a link to an application or a project. The real one would ask for a log-in first. */
export function pageRoutes(app: FastifyInstance, applications: Applications, projects: Projects): void {
  app.get('/', (_request, reply) => {
    const items = applications.list().map(({ metadata }) => {
      return `<li><a href="/applications/${NAMESPACE}/${metadata.name}">${escape(metadata.name)}</a></li>`;
    });
    return reply.type('text/html; charset=utf-8').send(page('Applications', `<ul>${items.join('')}</ul>`));
  });

  for (const path of ['/applications/:name', `/applications/${NAMESPACE}/:name`]) {
    app.get<{ Params: { name: string } }>(path, (request, reply) => {
      const application = applications.get(request.params.name);
      reply.type('text/html; charset=utf-8');
      if (!application) return reply.code(404).send(page('Not found', '<p>No such application.</p>'));
      return reply.send(page(application.metadata.name, describe(application)));
    });
  }

  app.get<{ Params: { name: string } }>('/settings/projects/:name', (request, reply) => {
    const project = projects.get(request.params.name);
    reply.type('text/html; charset=utf-8');
    if (!project) return reply.code(404).send(page('Not found', '<p>No such project.</p>'));
    return reply.send(page(`Project ${project.metadata.name}`, describeProject(project)));
  });
}

function describeProject({ spec }: Project): string {
  const { description = '', sourceRepos = [], destinations = [] } = spec;
  const list = (entries: string[]): string => `<ul>${entries.map((entry) => `<li>${escape(entry)}</li>`).join('')}</ul>`;
  return `<p>${escape(description)}</p><p>Repositories</p>${list(sourceRepos)}
    <p>Namespaces</p>${list(destinations.map(({ namespace = '*' }) => namespace))}`;
}

function describe({ spec, status }: Application): string {
  const rows = (status.resources ?? []).map((resource) => {
    const cells = [resource.kind, resource.name, resource.status, resource.health?.status ?? ''];
    return `<tr>${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`;
  });
  return `<p><strong>${status.sync.status}</strong>, <strong>${status.health.status}</strong></p>
    <p>${escape(spec.source?.repoURL ?? '')} <code>${escape(spec.source?.path ?? '')}</code> at
    <code>${escape(status.sync.revision ?? '')}</code>,
    into namespace <code>${escape(spec.destination.namespace ?? '')}</code></p>
    ${(status.conditions ?? []).map(({ type, message }) => `<p>${escape(`${type}: ${message}`)}</p>`).join('')}
    <table>${rows.join('')}</table>`;
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title>
<body style="font-family: system-ui; max-width: 48rem; margin: 2rem auto">
<h1>${escape(title)}</h1>${body}<p><small>Slipway sandbox: a stand-in for Argo CD</small></p></body></html>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
