import preset from '../../jest.preset.mjs';

// Specs of the doors start the whole api; on a busy machine that alone takes seconds.
export default { ...preset, displayName: 'api', rootDir: import.meta.dirname, testTimeout: 30_000 };
