import preset from '../../jest.preset.mjs';

// Rendering starts a thread per skeleton, which takes its time on a busy machine.
export default { ...preset, displayName: 'templating', rootDir: import.meta.dirname, testTimeout: 30_000 };
