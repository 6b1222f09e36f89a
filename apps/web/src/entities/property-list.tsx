import { heading } from '../shown/wording.js';

/** What is shown in a place of its own. */
const elsewhere = new Set(['latest_commit', 'checks', 'latest_release', 'latest_image', 'repository_notice']);

export function PropertyList({ properties }: { properties: Record<string, unknown> }) {
  const shown = Object.entries(properties).filter(([name, value]) => !elsewhere.has(name) && value !== null && value !== undefined);
  if (shown.length === 0) return <p className="quiet">None.</p>;
  return (
    <dl className="properties">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{heading(name)}</dt>
          <dd>{typeof value === 'string' ? value : <code>{JSON.stringify(value)}</code>}</dd>
        </div>
      ))}
    </dl>
  );
}
