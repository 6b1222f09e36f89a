// Plain JavaScript that Node runs as it is: nothing is transformed.
export default {
  displayName: 'docker',
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: {},
  testMatch: ['<rootDir>/*.spec.mjs'],
};
