import { ArgocdConfig } from './config.js';

const password = { url: 'https://argocd.example.com/', username: 'slipway', password: 'env:ARGOCD_PASSWORD' };

describe('ArgocdConfig', () => {
  it('fills in what most installations have', () => {
    expect(ArgocdConfig.parse(password)).toEqual({
      ...password,
      url: 'https://argocd.example.com',
      project: 'default',
      destination: 'https://kubernetes.default.svc',
      repositoryScope: 'instance',
    });
  });

  it.each([
    ['a token', { url: password.url, token: 'file:/run/secrets/argocd' }, true],
    ['both', { ...password, token: 'env:TOKEN' }, false],
    ['neither', { url: password.url }, false],
    ['a value instead of a reference', { ...password, password: 'hunter2 hunter2' }, false],
    ['a field misspelt', { ...password, projct: 'shop' }, false],
    ['a password in the address', { ...password, url: 'https://slipway:hunter2@argocd.example.com' }, false],
    ['a user name that Argo CD refuses', { ...password, username: 'x'.repeat(33) }, false],
  ])('with %s: %s', (_title, config, valid) => {
    expect(ArgocdConfig.safeParse(config).success).toBe(valid);
  });
});
