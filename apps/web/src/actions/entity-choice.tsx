import { useId } from 'react';
import { heading } from '../shown/wording.js';

interface EntityChoiceProps {
  blueprint: string;
  entities: string[];
  value: string;
  /** Was asked for and not given. */
  missing: boolean;
  onChange: (identifier: string) => void;
}

export function EntityChoice({ blueprint, entities, value, missing, onChange }: EntityChoiceProps) {
  const id = useId();
  const offered = value === '' || entities.includes(value) ? entities : [value, ...entities];
  return (
    <div className={missing ? 'form-group has-error' : 'form-group'}>
      <label htmlFor={id}>{heading(blueprint)}</label>
      <select
        id={id}
        className="form-control"
        required
        value={value}
        aria-invalid={missing}
        aria-describedby={`${id}-error`}
        onChange={({ target }) => onChange(target.value)}
      >
        <option value="" disabled>
          Choose one
        </option>
        {offered.map((identifier) => (
          <option key={identifier}>{identifier}</option>
        ))}
      </select>
      <ul id={`${id}-error`} className="field-errors" aria-live="polite">
        {missing && <li>Choose the {blueprint} this is about.</li>}
      </ul>
    </div>
  );
}
