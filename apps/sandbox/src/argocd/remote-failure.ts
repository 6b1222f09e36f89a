export const AUTHENTICATION_REQUIRED = 'authentication required: Repository not found.';

/** A repository could not be read. The message is worded as Argo CD words it. */
export class RemoteFailure extends Error {}
