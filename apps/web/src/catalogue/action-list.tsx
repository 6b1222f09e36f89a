import type { ActionSummary, Operation } from '../api/actions.js';
import { Link } from '../navigation/link.js';
import { actionPath } from '../navigation/route.js';
import { operationInWords } from '../shown/wording.js';

const order: readonly Operation[] = ['CREATE', 'DAY_2', 'DELETE'];

/** Actions to start from; with `entity`, each starts on that one. */
export function ActionList({ actions, entity }: { actions: ActionSummary[]; entity?: string }) {
  if (actions.length === 0) return <p className="quiet">No template offers an action here.</p>;
  const sorted = [...actions].sort((one, other) => order.indexOf(one.operation) - order.indexOf(other.operation) || one.title.localeCompare(other.title));
  return (
    <ul className="cards">
      {sorted.map((action) => (
        <li key={action.identifier} className="card">
          <h3>
            <Link to={actionPath(action.identifier, entity)}>{action.title}</Link>
          </h3>
          <p>{action.description}</p>
          <p className="quiet small">
            {operationInWords[action.operation]} a {action.blueprint}
          </p>
        </li>
      ))}
    </ul>
  );
}
