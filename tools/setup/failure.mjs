/**
 * Something that stops the command, told so that a person can go on: a stable code, what happened to what and why,
 * what to do next, and, where a program failed, the log that has all of its output.
 */
export class Failure extends Error {
  constructor(code, message, { advice, logFile, tail, cause } = {}) {
    super(message, { cause });
    this.name = 'Failure';
    this.code = code;
    this.advice = advice;
    this.logFile = logFile;
    this.tail = tail;
  }
}

/** A failure for anything thrown: our own pass unchanged, the rest is a mistake of ours and keeps its stack. */
export function asFailure(error) {
  if (error instanceof Failure) return error;
  return new Failure('UNEXPECTED', error instanceof Error ? error.message : String(error), {
    tail: error instanceof Error ? error.stack : undefined,
    advice: 'This is a mistake in the tools. Please report it with the lines above.',
    cause: error,
  });
}
