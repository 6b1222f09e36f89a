import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'web', rootDir: import.meta.dirname };
