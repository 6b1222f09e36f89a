import type { RunOutput } from '../api/runs.js';
import { ExternalLink } from '../navigation/external-link.js';

/** What the template has to say once its run has succeeded; nothing where it says nothing. */
export function RunOutputSection({ output: { links, text } }: { output: RunOutput }) {
  if (links.length === 0 && text.length === 0) return null;
  return (
    <section aria-label="Where to go from here">
      <h2>Where to go from here</h2>
      {links.length > 0 && (
        <ul className="rows">
          {links.map(({ title, url, entityRef }, place) => (
            <li key={place} className="row">
              {url ? <ExternalLink url={url}>{title ?? url}</ExternalLink> : (title ?? entityRef)}
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
