// Shared by every project. ESM needs: node --experimental-vm-modules node_modules/jest/bin/jest.js
import path from 'node:path';

export default {
  // Beside the dependencies whose work it is: the tests' temporary folder goes with each run.
  cacheDirectory: path.join(import.meta.dirname, 'node_modules/.cache/jest'),
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { module: { type: 'es6' } }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  // '@slipway/source' resolves our libraries to their sources; adding 'import' here breaks jest's own dependencies.
  testEnvironmentOptions: { customExportConditions: ['@slipway/source', 'node', 'node-addons'] },
};
