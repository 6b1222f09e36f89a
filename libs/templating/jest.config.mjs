import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'templating', rootDir: import.meta.dirname };
