/** A refusal as the API words it: the body is `{"error": message}`. */
export class AkeylessError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'AkeylessError';
  }
}

export function notFound(what: string, name: string): AkeylessError {
  return new AkeylessError(404, `NotFound: ${what} ${name} was not found`);
}

/** Says nothing about whether the thing exists: https://github.com/external-secrets/external-secrets/pull/6753 measured it so. */
export function unauthorizedAccess(): AkeylessError {
  return new AkeylessError(401, 'UnauthorizedAccess: unauthorized access, check the permissions of the authentication method');
}

export function invalidToken(): AkeylessError {
  return new AkeylessError(401, 'UnauthorizedAccess: the token is missing, invalid or expired');
}

export function authenticationFailed(why = 'the given credentials are not valid'): AkeylessError {
  return new AkeylessError(401, `UnauthorizedAccess: failed to authenticate: ${why}`);
}

export function alreadyExists(what: string, name: string): AkeylessError {
  return new AkeylessError(409, `AlreadyExists: ${what} ${name} already exists`);
}

export function badRequest(message: string): AkeylessError {
  return new AkeylessError(400, message);
}
