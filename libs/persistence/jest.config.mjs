import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'persistence', rootDir: import.meta.dirname };
