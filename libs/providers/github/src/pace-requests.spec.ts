import { demandOf } from './pace-requests.js';

const alone = (gapMs: number) => ({ gapMs, leaseMs: 30_000 });
const costs = (method: string, url: string) => Object.fromEntries(demandOf(method, url).within.map(({ name, cost }) => [name, cost]));

describe('what a request costs', () => {
  it.each([
    ['GET', '/repos/{owner}/{repo}', undefined, { points: 1 }],
    ['POST', '/orgs/{org}/repos', alone(1_000), { points: 5, 'creations-minute': 1, 'creations-hour': 1 }],
    ['POST', '/repos/{owner}/{repo}/pulls', alone(3_000), { points: 5, 'creations-minute': 1, 'creations-hour': 1 }],
    ['PATCH', '/repos/{owner}/{repo}/pulls/{pull_number}', alone(1_000), { points: 5, 'creations-minute': 1, 'creations-hour': 1 }],
    ['DELETE', '/repos/{owner}/{repo}', alone(1_000), { points: 5, 'creations-minute': 0, 'creations-hour': 0 }],
  ])('%s %s', (method, url, expected, points) => {
    expect(demandOf(method, url).alone).toEqual(expected);
    expect(costs(method, url)).toEqual(points);
  });

  it('is held against what GitHub allows', () => {
    expect(demandOf('POST', '/orgs/{org}/repos').within.map(({ most, perMs }) => [most, perMs])).toEqual([
      [900, 60_000],
      [80, 60_000],
      [500, 3_600_000],
    ]);
  });
});
