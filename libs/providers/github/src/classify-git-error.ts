import { StepError } from '@slipway/engine';
import { GitFailed, GitMissing } from './git.js';

/** What git prints to a person, as the engine understands it. `what` completes the sentence "Could not …". */
export function classifyGitError(error: unknown, call: { what: string; write: boolean; tokenReference: string }): StepError {
  if (error instanceof StepError) return error;
  if (error instanceof GitMissing) {
    return new StepError('fatal', 'github_git_missing', `Could not ${call.what}: there is no git on this worker.`, {
      remedy: 'Install git on the workers, in a folder of their PATH, then retry.',
    });
  }
  if (!(error instanceof GitFailed)) throw error;
  const rule = rules.find(({ pattern }) => pattern.test(error.said)) ?? otherwise(error, call.write);
  const remedy = rule.remedy.replace('<token>', call.tokenReference);
  return new StepError(rule.classification, rule.code, `Could not ${call.what}: ${lastLines(error.said)}.`, {
    remedy,
    cause: error,
  });
}

interface Rule {
  pattern: RegExp;
  classification: 'retry' | 'fatal' | 'lost';
  code: string;
  remedy: string;
}

/** In order: the first that fits decides. */
const rules: readonly Rule[] = [
  {
    pattern: /without `?workflows?`? (permission|scope)/i,
    classification: 'fatal',
    code: 'github_forbidden',
    remedy: 'Give the token at <token> the permission to write workflows.',
  },
  {
    pattern: /GH013|GH009|secret scanning|pre-receive hook declined|protected branch/i,
    classification: 'fatal',
    code: 'github_push_rejected',
    remedy: 'Do what GitHub asks for, or have the rule changed by an owner of the organisation.',
  },
  {
    pattern: /Authentication failed|could not read (Username|Password)|Invalid username or/i,
    classification: 'fatal',
    code: 'github_unauthorized',
    remedy: 'Put a valid token at <token>; it may have expired or been revoked.',
  },
  {
    pattern: /returned error: 403|archived so it is read-only|Permission to .* denied/i,
    classification: 'fatal',
    code: 'github_forbidden',
    remedy: 'Give the token at <token> the permission to write contents, and check that the repository is not archived.',
  },
  {
    // Seen right after creation, too.
    pattern: /Repository not found|repository '.*' not found|returned error: 404/i,
    classification: 'retry',
    code: 'github_repository_not_found',
    remedy: 'It is tried again. If it goes on, check the name, and that the token at <token> may see the repository.',
  },
  {
    pattern: /\[rejected\]|fetch first|non-fast-forward|failed to lock|cannot lock ref/i,
    classification: 'retry',
    code: 'github_push_raced',
    remedy: 'It is tried again, with a new look at what the repository holds.',
  },
  {
    pattern: /certificate|SSL/i,
    classification: 'fatal',
    code: 'github_certificate',
    remedy: 'Name the certificate authority in GIT_SSL_CAINFO or NODE_EXTRA_CA_CERTS.',
  },
  {
    pattern: /Could not resolve|Failed to connect|Couldn't connect|Connection refused/i,
    classification: 'retry',
    code: 'github_unreachable',
    remedy: 'It is tried again. If it goes on, check the network and the URL of the GitHub integration.',
  },
];

function otherwise(error: GitFailed, write: boolean): Omit<Rule, 'pattern'> {
  // A connection that broke may have broken after the other side was done.
  const cut =
    error.stopped || /returned error: 5\d\d|RPC failed|hung up|timed out|reset by peer|Operation too slow/i.test(error.said);
  const remedy = 'It is tried again. If it goes on, read what git says.';
  if (cut) return { classification: write ? 'lost' : 'retry', code: 'github_unreachable', remedy };
  return { classification: 'retry', code: 'github_git_failed', remedy };
}

function lastLines(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('hint:'));
  return lines.slice(-6).join('; ').replace(/\.$/, '');
}
