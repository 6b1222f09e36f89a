import { lookAtIntegrations } from './look-at-integrations.js';

const integrations = [
  { name: 'argocd', health: () => Promise.resolve({ ok: true, detail: 'Logged in.' }) },
  { name: 'github', health: () => Promise.reject(new Error('The organisation acme is not known.')) },
];
const client = { kind: 'client' as const, id: 'ci', team: null };

it('tells administrators of each integration, whatever became of the others', async () => {
  const principal = { ...client, roles: ['admin' as const] };
  expect(await lookAtIntegrations({ integrations }, { principal })).toEqual([
    { name: 'argocd', ok: true, detail: 'Logged in.' },
    { name: 'github', ok: false, detail: 'The organisation acme is not known.' },
  ]);
});

it('tells nobody else', async () => {
  const principal = { ...client, roles: ['member' as const] };
  await expect(lookAtIntegrations({ integrations }, { principal })).rejects.toMatchObject({ code: 'forbidden' });
});
