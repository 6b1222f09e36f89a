import preset from '../../../jest.preset.mjs';

export default { ...preset, displayName: 'provider-github', rootDir: import.meta.dirname };
