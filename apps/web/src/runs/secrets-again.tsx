import { useId, useState } from 'react';
import type { ApiError } from '../api/call.js';
import type { Run } from '../api/runs.js';

interface SecretsAgainProps {
  run: Run;
  /** Which ones, and why: what the retry was refused with. */
  error: ApiError;
  sending: boolean;
  onSend: (secrets: Record<string, string>) => void;
}

/** Asks once more for what was typed into the form and has been wiped since. What is typed here lives in this page alone. */
export function SecretsAgain({ run, error, sending, onSend }: SecretsAgainProps) {
  const names = useNeeded(error);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const id = useId();
  return (
    <form
      className="narrow"
      aria-label="Secrets for the retry"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(Object.fromEntries(names.map((name) => [name, typed[name] ?? ''])));
      }}
    >
      <p>The secrets of this run were wiped after it ended. Type them again to go on.</p>
      {names.map((name) => {
        const wrong = error.details.filter((issue) => issue.path === `secrets.${name}` && issue.code !== 'required');
        return (
          <div key={name} className={wrong.length > 0 ? 'form-group has-error' : 'form-group'}>
            <label htmlFor={`${id}-${name}`}>{run.secrets.find((secret) => secret.name === name)?.title ?? name}</label>
            <input
              id={`${id}-${name}`}
              type="password"
              className="form-control"
              autoComplete="new-password"
              spellCheck={false}
              required
              disabled={sending}
              value={typed[name] ?? ''}
              aria-invalid={wrong.length > 0}
              aria-describedby={`${id}-${name}-error`}
              onChange={({ target }) => setTyped({ ...typed, [name]: target.value })}
            />
            <ul id={`${id}-${name}-error`} className="field-errors" aria-live="polite">
              {wrong.map(({ message }) => (
                <li key={message}>{message}</li>
              ))}
            </ul>
          </div>
        );
      })}
      <button type="submit" className="button button-main" disabled={sending}>
        {sending ? 'Retrying…' : 'Retry with these'}
      </button>
    </form>
  );
}

/** A second refusal names only what is wrong now; all that was asked for stays asked for. */
function useNeeded(error: ApiError): string[] {
  const [first] = useState(error);
  const named = [...first.details, ...error.details].flatMap(({ path }) => (path.startsWith('secrets.') ? [path.slice('secrets.'.length)] : []));
  return [...new Set(named)];
}
