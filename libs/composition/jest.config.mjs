import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'composition', rootDir: import.meta.dirname };
