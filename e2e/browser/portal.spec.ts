import { jest } from '@jest/globals';
import { ApiClient } from '../product/api-client.js';
import { type Product, startProduct } from '../product/start-product.js';
import { serviceValues } from '../product/service-values.js';
import { createServiceInBrowser, type SeenOnTheWay } from './create-service-in-browser.js';
import { type OpenedBrowser, openBrowser } from './open-browser.js';

// The whole product starts and runs its main job, on a machine that may be busy.
jest.setTimeout(300_000);

describe('a developer in the portal', () => {
  let product: Product;
  let browser: OpenedBrowser;
  let seen: SeenOnTheWay;

  beforeAll(async () => {
    product = await startProduct();
    browser = await openBrowser();
    const colleague = await ApiClient.signIn(product.demo);
    seen = await createServiceInBrowser(browser.page, { signInUrl: product.demo.signInUrl, colleague, values: serviceValues('browsed') });
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  it('is told at the field what is wrong with a name', () => {
    expect(seen.nameError).toContain('Name must start with a letter');
  });

  it('watches the service come into being, step by step, with its links', () => {
    expect(seen.created).toMatchObject({ run: expect.stringMatching(/^r_/), status: 'SUCCEEDED' });
    expect(seen.created.steps.map(({ status }) => status)).toEqual(seen.created.steps.map(() => 'SUCCEEDED'));
    expect(seen.created.steps.length).toBeGreaterThan(8);
    expect(seen.created.logLines).toBeGreaterThan(seen.created.steps.length);
    // In the order in which they came into being, which is another each time.
    const expected = [/\/acme\/browsed$/, /\/acme\/browsed\/.*=production$/, /\/settings\/projects\/browsed$/, /\/applications\/argocd\/browsed$/];
    expect(seen.created.links).toEqual(expect.arrayContaining(expected.map((url) => expect.stringMatching(url))));
    expect(seen.created.links).toHaveLength(expected.length);
  });

  it('finds the service in the catalogue', () => {
    expect(seen.entity.links).toEqual(expect.arrayContaining(seen.created.links));
    expect(seen.entity.properties).toMatchObject({ Repository: 'browsed', Namespace: 'browsed', Database: 'browsed' });
  });

  it('is told behind which run of the same service it has to wait', () => {
    expect(seen.deleted.ahead).toEqual([`/runs/${seen.deleted.colleagues}`]);
  });

  it('deletes it, once the name typed is its name', () => {
    expect(seen.confirmError).toContain('browsed');
    expect(seen.deleted.status).toBe('SUCCEEDED');
  });

  it('meets no script that fails and nothing that the policy refuses', () => {
    expect(browser.faults).toEqual([]);
  });
});
