import { actionPath, entityPath, referencePath, type Route, routeOf, runPath } from './route.js';

describe('routeOf', () => {
  it.each<[string, Route]>([
    ['/', { page: 'catalogue' }],
    ['/actions/deploy', { page: 'action', action: 'deploy', entity: null }],
    ['/actions/delete?entity=shop', { page: 'action', action: 'delete', entity: 'shop' }],
    ['/runs/r_1/', { page: 'run', run: 'r_1' }],
    ['/entities/service/shop', { page: 'entity', blueprint: 'service', entity: 'shop' }],
    ['/entities/service', { page: 'missing' }],
    ['/runs/r_1/more', { page: 'missing' }],
    ['/runs/%E0%A4%A', { page: 'missing' }],
  ])('of %s', (address, route) => {
    const { pathname, search } = new URL(address, 'http://slipway.example.com');
    expect(routeOf(pathname, search)).toEqual(route);
  });

  it.each<[string, Route]>([
    [actionPath('a/b?', 'x&y=z'), { page: 'action', action: 'a/b?', entity: 'x&y=z' }],
    [runPath('r 1'), { page: 'run', run: 'r 1' }],
    [entityPath({ blueprint: 'service', identifier: 'team/shop' }), { page: 'entity', blueprint: 'service', entity: 'team/shop' }],
  ])('finds its way back from %s', (address, route) => {
    const { pathname, search } = new URL(address, 'http://slipway.example.com');
    expect(routeOf(pathname, search)).toEqual(route);
  });

  it.each([
    ['component:default/shop', '/entities/component/shop'],
    ['service:shop', '/entities/service/shop'],
    ['shop', null],
    [undefined, null],
  ])('leads from the reference %s to %s', (reference, path) => expect(referencePath(reference)).toBe(path));
});
