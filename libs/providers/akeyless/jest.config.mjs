import preset from '../../../jest.preset.mjs';

export default { ...preset, displayName: 'provider-akeyless', rootDir: import.meta.dirname };
