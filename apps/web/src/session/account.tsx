import { type Person, signOut } from '../api/session.js';

export function Account({ person }: { person: Person }) {
  return (
    <div className="account">
      <span className="quiet">
        {person.id}
        {person.team && ` · ${person.team}`}
      </span>
      <button type="button" className="button button-plain" onClick={() => void signOut()}>
        Sign out
      </button>
    </div>
  );
}
