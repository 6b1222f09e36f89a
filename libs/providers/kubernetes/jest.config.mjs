import preset from '../../../jest.preset.mjs';

export default { ...preset, displayName: 'provider-kubernetes', rootDir: import.meta.dirname };
