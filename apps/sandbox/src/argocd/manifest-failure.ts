/** Manifests could not be made. The message is worded as Argo CD words it. */
export class ManifestFailure extends Error {}
