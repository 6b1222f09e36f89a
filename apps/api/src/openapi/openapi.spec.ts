import { startApi, type StartedApi } from '../testing/start-api.js';
import { describedRoutes } from './routes.js';

describe('/openapi.json', () => {
  let api: StartedApi;
  beforeAll(async () => (api = await startApi()));
  afterAll(() => api.close());

  it('describes every route that there is, and no other', () => {
    const described = describedRoutes.map((route) => `${route.method.toUpperCase()} ${route.path.replace(/\{(\w+)\}/g, ':$1')}`);
    // HEAD comes with every GET; the web app answers whatever is left; GET /graphql is the WebSocket's.
    const others = ['GET /*', 'GET /graphql'];
    const there = api.routes().filter((route) => !route.startsWith('HEAD ') && !others.includes(route));
    expect(described.sort()).toEqual(there.sort());
  });

  it('is OpenAPI 3.1 and asks for a token wherever the route does', async () => {
    const { body } = await api.call('/openapi.json', { anonymous: true });
    expect(body.openapi).toBe('3.1.0');
    for (const route of describedRoutes) {
      const { security } = body.paths[route.path][route.method];
      expect([route.path, security.length > 0]).toEqual([route.path, !route.open]);
      if (route.open) continue;
      const path = route.path.replace(/\{\w+\}/g, 'x');
      expect([path, (await api.call(path, { method: route.method.toUpperCase(), anonymous: true })).status]).toEqual([path, 401]);
    }
  });
});
