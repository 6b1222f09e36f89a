import {
  authenticateClient,
  authenticateSession,
  createSignInLink,
  endSession,
  installConfiguration,
  redeemSignInLink,
} from '@slipway/portal';
import { ada, admin, createPortalScene, type PortalScene, setUpMs } from '../testing/portal-scene.js';

const minutes = 60_000;

describe('access', () => {
  let scene: PortalScene;
  beforeAll(async () => (scene = await createPortalScene()), setUpMs);
  afterAll(() => scene.database.drop());
  beforeEach(() => (scene.clock.aheadMs = 0));

  const link = () => createSignInLink(scene, { principal: admin, email: ada.id });

  describe('authenticateClient', () => {
    it('knows a client by its secret', async () => {
      await expect(authenticateClient(scene, { clientId: 'ci', clientSecret: 'correct horse' })).resolves.toEqual(admin);
    });

    it.each([
      ['ci', 'wrong'],
      ['ci', ''],
      ['nobody', 'correct horse'],
      ['nobody', ''],
      ["' OR 1=1 --", 'x'],
      ['a\0b', 'x'],
    ])('says the same to %j with %j', async (clientId, clientSecret) => {
      const message = 'The client id or the client secret is wrong.';
      await expect(authenticateClient(scene, { clientId, clientSecret })).rejects.toMatchObject({
        code: 'unauthorized',
        message,
      });
    });

    it('keeps no secret', async () => {
      const rows = await scene.database.pool.query('SELECT * FROM clients');
      expect(JSON.stringify(rows.rows)).not.toContain('correct horse');
    });
  });

  describe('a sign-in link', () => {
    it('opens a session once', async () => {
      const { token } = await link();
      const session = await redeemSignInLink(scene, { token });
      expect(session.principal).toEqual(ada);
      await expect(authenticateSession(scene, { sessionToken: session.sessionToken })).resolves.toEqual(ada);
      await expect(redeemSignInLink(scene, { token })).rejects.toMatchObject({ code: 'unauthorized' });
    });

    it('opens one session when used five times at once', async () => {
      const { token } = await link();
      const results = await Promise.allSettled(Array.from({ length: 5 }, () => redeemSignInLink(scene, { token })));
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    });

    it('expires after 15 minutes', async () => {
      const { token } = await link();
      scene.clock.aheadMs = 15 * minutes + 1_000;
      await expect(redeemSignInLink(scene, { token })).rejects.toMatchObject({ code: 'unauthorized' });
    });

    it('is made by an administrator’s client alone', async () => {
      const asked = { email: ada.id };
      await expect(createSignInLink(scene, { ...asked, principal: ada })).rejects.toMatchObject({ code: 'forbidden' });
      await expect(createSignInLink(scene, { ...asked, principal: { ...ada, roles: ['admin'] } })).rejects.toMatchObject({
        code: 'forbidden',
      });
      await expect(createSignInLink(scene, { ...asked, principal: { ...admin, roles: ['member'] } })).rejects.toMatchObject({
        code: 'forbidden',
      });
    });

    it.each(['eve@example.org', 'a\0b'])('lets nobody in who is unknown: %j', async (email) => {
      await expect(createSignInLink(scene, { principal: admin, email })).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  describe('a session', () => {
    const session = async () => redeemSignInLink(scene, { token: (await link()).token });

    it('ends after 12 hours', async () => {
      const { sessionToken } = await session();
      scene.clock.aheadMs = 12 * 60 * minutes + 1_000;
      await expect(authenticateSession(scene, { sessionToken })).rejects.toMatchObject({ code: 'unauthorized' });
    });

    it('ends when asked to, as often as asked', async () => {
      const { sessionToken } = await session();
      await endSession(scene, { sessionToken });
      await endSession(scene, { sessionToken });
      await expect(authenticateSession(scene, { sessionToken })).rejects.toMatchObject({ code: 'unauthorized' });
    });

    it('is nowhere in the database in clear, nor is its link', async () => {
      const { token } = await link();
      const { sessionToken } = await redeemSignInLink(scene, { token });
      const rows = await scene.database.pool.query(
        'SELECT (SELECT json_agg(s) FROM sessions s) AS sessions, (SELECT json_agg(l) FROM sign_in_links l) AS links',
      );
      expect(JSON.stringify(rows.rows)).not.toContain(sessionToken);
      expect(JSON.stringify(rows.rows)).not.toContain(token);
    });
  });

  describe('installConfiguration', () => {
    it('changes nothing when it is the same, from five processes at once', async () => {
      const before = await scene.access.findClient('ci');
      await Promise.all(Array.from({ length: 5 }, () => installConfiguration(scene, scene.installed)));
      expect(await scene.access.findClient('ci')).toEqual(before);
      expect(await scene.count('actions')).toBe(3);
      expect(await scene.count('archives')).toBe(1);
    });

    it('replaces a secret that has changed', async () => {
      const clients = [{ id: 'rotating', secret: 'the old one', roles: admin.roles, team: null }];
      await installConfiguration(scene, { ...scene.installed, clients });
      await installConfiguration(scene, {
        ...scene.installed,
        clients: clients.map((client) => ({ ...client, secret: 'the new one' })),
      });
      await expect(authenticateClient(scene, { clientId: 'rotating', clientSecret: 'the old one' })).rejects.toMatchObject({
        code: 'unauthorized',
      });
      await expect(authenticateClient(scene, { clientId: 'rotating', clientSecret: 'the new one' })).resolves.toMatchObject({
        id: 'rotating',
      });
    });
  });
});
