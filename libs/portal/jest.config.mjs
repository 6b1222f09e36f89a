import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'portal', rootDir: import.meta.dirname };
