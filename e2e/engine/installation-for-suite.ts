import { Installation } from './installation.js';
import { type Stores, startStores } from './stores.js';

/**
 * An installation on stores of its own for all tests of a suite, handed to `begin` before the first and gone after the last. Holds
 * and faults that a test has armed end with it.
 */
export function installationForSuite(begin: (installation: Installation, stores: Stores) => unknown): void {
  let stores: Stores | undefined;
  let installation: Installation | undefined;

  beforeAll(async () => {
    stores = await startStores();
    installation = await Installation.open(stores);
    await begin(installation, stores);
  });
  afterEach(() => installation?.outside.disarm());
  afterAll(async () => {
    await installation?.close();
    await stores?.stop();
  });
}
