import type { FastifyInstance } from 'fastify';
import type { ServiceAccountTokens } from './service-account-tokens.js';

/** Where others find the key that service accounts' tokens are signed with. */
export function openIdRoutes(app: FastifyInstance, { issuer, publicKey }: ServiceAccountTokens): void {
  app.get('/.well-known/openid-configuration', () => ({
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [publicKey.alg],
  }));
  app.get('/openid/v1/jwks', (_request, reply) =>
    reply.type('application/jwk-set+json').send(JSON.stringify({ keys: [publicKey] })),
  );
}
