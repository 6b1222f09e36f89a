import type { RunOutput } from '../api/runs.js';
import { ExternalLink } from '../navigation/external-link.js';
import { Link } from '../navigation/link.js';
import { referencePath } from '../navigation/route.js';

/** What the template has to say once its run has succeeded; nothing where it says nothing. */
export function RunOutputSection({ output: { links, text } }: { output: RunOutput }) {
  if (links.length === 0 && text.length === 0) return null;
  return (
    <section aria-label="Where to go from here">
      <h2>Where to go from here</h2>
      {links.length > 0 && (
        <ul className="rows">
          {links.map((link, place) => (
            <li key={place} className="row">
              <OutputLink {...link} />
            </li>
          ))}
        </ul>
      )}
      {text.map(({ title, content }, place) => (
        <div key={place}>
          {title && <h3>{title}</h3>}
          <p className="as-written">{content}</p>
        </div>
      ))}
    </section>
  );
}

function OutputLink({ title, url, entityRef }: RunOutput['links'][number]) {
  if (url) return <ExternalLink url={url}>{title ?? url}</ExternalLink>;
  const path = referencePath(entityRef);
  return path ? <Link to={path}>{title ?? entityRef}</Link> : (title ?? entityRef);
}
