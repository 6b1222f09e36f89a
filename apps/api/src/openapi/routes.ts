import { OfferVersionBody, PlanView, Principal, RequestPlanBody, RequestRunBody, RetryRunBody, RunEvent, TemplateSourceView } from '@slipway/contracts';
import { z } from 'zod';
import { ActionsQuery } from '../actions/actions.controller.js';
import { AccessTokenBody, SignInLinkBody } from '../auth/auth.controller.js';
import { EntitiesQuery } from '../catalogue/entities.controller.js';
import { PauseBody } from '../engine/pause.controller.js';
import { GraphqlBody } from '../graphql/graphql.controller.js';
import { LogsQuery, RunsQuery } from '../runs/runs.controller.js';
import { PortAction, PortEntity, PortRun, PortRunLog, PortRunWithOutput } from '../wire/port-wire.js';

/** One route as `/openapi.json` tells it. openapi.spec.ts holds this list against the routes that the app really has. */
export interface DescribedRoute {
  method: 'get' | 'post' | 'put' | 'delete';
  /** As OpenAPI writes it: `/v1/actions/{action}`. */
  path: string;
  summary: string;
  /** Asks for neither token nor session. */
  open?: true;
  query?: z.ZodObject;
  body?: z.ZodType;
  status?: number;
  answer?: z.ZodType;
  mediaType?: string;
  errors?: number[];
}

const ok = z.literal(true);
const run = z.object({ ok, run: PortRun });
const next = z.string().optional();

export const describedRoutes: readonly DescribedRoute[] = [
  {
    method: 'post',
    path: '/v1/auth/access_token',
    summary: 'A bearer token for a client credential',
    open: true,
    body: AccessTokenBody,
    answer: z.object({ ok, accessToken: z.string(), expiresIn: z.number().int(), tokenType: z.literal('Bearer') }),
    errors: [401, 422],
  },
  {
    method: 'post',
    path: '/v1/auth/sign_in_links',
    summary: 'A link that signs a known person in, once (clients with the role admin)',
    body: SignInLinkBody,
    status: 201,
    answer: z.object({ ok, url: z.url(), expiresAt: z.iso.datetime() }),
    errors: [403, 404, 422],
  },
  { method: 'post', path: '/v1/auth/sign_out', summary: 'Ends the session of the cookie', open: true, answer: z.object({ ok }) },
  { method: 'get', path: '/v1/me', summary: 'Who is asking', answer: z.object({ ok, principal: Principal }) },
  {
    method: 'get',
    path: '/v1/actions',
    summary: 'What can be asked for',
    query: ActionsQuery,
    answer: z.object({ ok, actions: z.array(PortAction) }),
  },
  {
    method: 'get',
    path: '/v1/actions/{action}',
    summary: 'One action',
    answer: z.object({ ok, action: PortAction }),
    errors: [404],
  },
  {
    method: 'post',
    path: '/v1/actions/{action}/runs',
    summary: 'Requests a run. Header Idempotency-Key: for 24 h the same key and body answer with the same run',
    body: RequestRunBody,
    status: 202,
    answer: run,
    errors: [400, 404, 409, 422],
  },
  {
    method: 'post',
    path: '/v1/actions/{action}/plan',
    summary: 'What a run would do: inputs, files, graph, effects, and a hash to request just that by. Changes nothing',
    body: RequestPlanBody,
    answer: z.object({ ok, plan: PlanView }),
    errors: [400, 404, 409, 422, 503],
  },
  {
    method: 'get',
    path: '/v1/actions/runs',
    summary: 'Runs, newest first',
    query: RunsQuery,
    answer: z.object({ ok, runs: z.array(PortRun), next }),
  },
  { method: 'get', path: '/v1/actions/runs/{id}', summary: 'One run, with what it shows once it has succeeded', answer: z.object({ ok, run: PortRunWithOutput }), errors: [404] },
  {
    method: 'get',
    path: '/v1/actions/runs/{id}/logs',
    summary: 'Log lines of a run; offset counts lines',
    query: LogsQuery,
    answer: z.object({ ok, runLogs: z.array(PortRunLog) }),
    errors: [404],
  },
  {
    method: 'get',
    path: '/v1/actions/runs/{id}/events',
    summary: 'A run’s history and then its life, as Server-Sent Events named by their type. Last-Event-ID or ?after= resumes',
    query: z.object({ after: z.int().optional() }),
    answer: RunEvent,
    mediaType: 'text/event-stream',
    errors: [404],
  },
  { method: 'post', path: '/v1/actions/runs/{id}/cancel', summary: 'Stops a run', status: 202, answer: run, errors: [404, 409] },
  {
    method: 'post',
    path: '/v1/actions/runs/{id}/retry',
    summary: 'Goes on from the failed step; with secrets that are needed again, or that were wrong',
    body: RetryRunBody,
    status: 202,
    answer: run,
    errors: [404, 409, 422],
  },
  {
    method: 'post',
    path: '/v1/actions/runs/{id}/undo',
    summary: 'Takes away what a failed run left',
    status: 202,
    answer: run,
    errors: [404, 409],
  },
  {
    method: 'get',
    path: '/v1/blueprints/{blueprint}/entities',
    summary: 'Entities of a blueprint, in order of identifier',
    query: EntitiesQuery,
    answer: z.object({ ok, entities: z.array(PortEntity), next }),
  },
  {
    method: 'get',
    path: '/v1/blueprints/{blueprint}/entities/{identifier}',
    summary: 'One entity',
    answer: z.object({ ok, entity: PortEntity }),
    errors: [404],
  },
  {
    method: 'get',
    path: '/v1/templates/sources',
    summary: 'Where templates come from, with every version and what is wrong with it (administrators)',
    answer: z.object({ ok, sources: z.array(TemplateSourceView) }),
    errors: [403],
  },
  {
    method: 'post',
    path: '/v1/templates/sources/{source}/refresh',
    summary: 'Looks at a source now (administrators)',
    answer: z.object({ ok, source: TemplateSourceView }),
    errors: [403, 404],
  },
  {
    method: 'post',
    path: '/v1/templates/sources/{source}/offer',
    summary: 'Offers one version and holds it, or "latest" and whatever is newest from then on (administrators)',
    body: OfferVersionBody,
    answer: z.object({ ok, source: TemplateSourceView }),
    errors: [403, 404, 409, 422],
  },
  {
    method: 'post',
    path: '/graphql',
    summary: 'GraphQL; subscriptions by graphql-ws on the same path',
    body: GraphqlBody,
    answer: z.object({ data: z.unknown(), errors: z.array(z.unknown()).optional() }),
    errors: [400],
  },
  {
    method: 'post',
    path: '/webhooks/github',
    summary: 'Deliveries of GitHub, signed (X-Hub-Signature-256); stored, then acted on',
    open: true,
    body: z.record(z.string(), z.unknown()),
    status: 202,
    answer: z.object({ ok, delivery: z.object({ id: z.string(), outcome: z.enum(['stored', 'duplicate']) }) }),
    errors: [400, 401],
  },
  {
    method: 'get',
    path: '/v1/engine/integrations',
    summary: 'How each configured integration is, and what to do where it is not well (role admin)',
    answer: z.object({ ok, integrations: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })) }),
    errors: [403],
  },
  {
    method: 'put',
    path: '/v1/engine/pause',
    summary: 'Holds new runs in line; those that have begun go on (role admin)',
    body: PauseBody,
    answer: z.object({ ok, pause: z.object({ reason: z.string(), pausedBy: z.string(), pausedAt: z.iso.datetime() }) }),
    errors: [400, 403, 422],
  },
  {
    method: 'delete',
    path: '/v1/engine/pause',
    summary: 'Lets new runs begin again (role admin)',
    answer: z.object({ ok, resumed: z.boolean() }),
    errors: [403],
  },
  { method: 'get', path: '/health/live', summary: 'The process answers', open: true, answer: z.object({ ok }) },
  {
    method: 'get',
    path: '/health/ready',
    summary: 'Every dependency answers',
    open: true,
    answer: z.object({
      ok: z.boolean(),
      dependencies: z.record(z.string(), z.object({ ok: z.boolean(), message: z.string().optional() })),
      newRunsPausedSince: z.iso.datetime().optional(),
    }),
    errors: [503],
  },
  { method: 'get', path: '/metrics', summary: 'Figures for Prometheus', open: true, mediaType: 'text/plain', answer: z.string() },
  { method: 'get', path: '/openapi.json', summary: 'This document', open: true, answer: z.record(z.string(), z.unknown()) },
  {
    method: 'get',
    path: '/auth/link',
    summary: 'Redeems a sign-in link: sets the session cookie and goes to /',
    open: true,
    query: z.object({ token: z.string() }),
    status: 303,
  },
];
