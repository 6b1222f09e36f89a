// The tools are plain JavaScript that Node runs as it is: nothing is transformed.
export default {
  displayName: 'tools',
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: {},
  testMatch: ['<rootDir>/**/*.spec.mjs'],
  // What the tests of the tools run themselves, failures on purpose among it.
  testPathIgnorePatterns: ['/node_modules/', '/fixtures/'],
};
