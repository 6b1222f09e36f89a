import preset from '../../../jest.preset.mjs';

export default { ...preset, displayName: 'provider-argocd', rootDir: import.meta.dirname };
