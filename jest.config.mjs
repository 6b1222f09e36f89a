export default {
  projects: ['<rootDir>/apps/*/jest.config.mjs', '<rootDir>/libs/*/jest.config.mjs', '<rootDir>/libs/providers/*/jest.config.mjs', '<rootDir>/tools/jest.config.mjs', '<rootDir>/e2e/jest.config.mjs'],
};
