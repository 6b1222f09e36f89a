import type { FastifyInstance } from 'fastify';
import { isObject } from './json.js';

export const ACCESS_REVIEW = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
};

/** Everything is allowed to everyone with a token: RBAC objects are stored, not enforced. */
export function accessReviewRoutes(app: FastifyInstance): void {
  app.post(`/apis/${ACCESS_REVIEW.group}/${ACCESS_REVIEW.version}/${ACCESS_REVIEW.plural}`, (request, reply) => {
    const sent = isObject(request.body) ? request.body : {};
    const review = { ...sent, kind: ACCESS_REVIEW.kind, apiVersion: `${ACCESS_REVIEW.group}/${ACCESS_REVIEW.version}` };
    return reply.code(201).send({ ...review, status: { allowed: true, reason: 'the sandbox allows everything' } });
  });
}
