import { changesSomething, isSameOrigin } from './same-origin.js';

const host = 'slipway.example.com:8443';

describe('isSameOrigin', () => {
  it.each<[string, { secFetchSite?: string; origin?: string; host?: string }, boolean]>([
    ['our own page', { secFetchSite: 'same-origin' }, true],
    ['another site', { secFetchSite: 'cross-site', origin: `https://${host}` }, false],
    ['a neighbour under our domain', { secFetchSite: 'same-site' }, false],
    ['an address typed by hand', { secFetchSite: 'none' }, false],
    ['an older browser on our page', { origin: `https://${host}` }, true],
    ['an older browser elsewhere', { origin: 'https://evil.example' }, false],
    ['another port', { origin: 'https://slipway.example.com' }, false],
    ['our name as a prefix', { origin: `https://${host}.evil.example` }, false],
    ['a sandboxed frame', { origin: 'null' }, false],
    ['no origin and no host', { host: undefined }, false],
    ['neither header', {}, false],
  ])('of %s', (_name, facts, expected) => {
    expect(isSameOrigin({ host, origin: undefined, secFetchSite: undefined, ...facts })).toBe(expected);
  });
});

describe('changesSomething', () => {
  it.each([
    ['GET', false],
    ['HEAD', false],
    ['OPTIONS', false],
    ['POST', true],
    ['PUT', true],
    ['PATCH', true],
    ['DELETE', true],
  ])('%s', (method, expected) => expect(changesSomething(method)).toBe(expected));
});
