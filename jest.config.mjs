export default {
  // Databases and stand-ins are real; a busy machine takes its time to bring them up. (Jest reads this here alone.)
  testTimeout: 60_000,
  // Most of a test here is waiting for a process: every core may have one.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/tools/test/longest-first.mjs',
  projects: [
    '<rootDir>/apps/*/jest.config.mjs',
    '<rootDir>/libs/*/jest.config.mjs',
    '<rootDir>/libs/providers/*/jest.config.mjs',
    '<rootDir>/tools/jest.config.mjs',
    '<rootDir>/docker/jest.config.mjs',
    '<rootDir>/e2e/jest.config.mjs',
  ],
};
