import { heading } from '../shown/wording.js';
import type { SplitPage } from './form-page.js';
import { reviewed } from './reviewed.js';

/** Before the last page is sent: what the pages before it were given. Of what is hidden while it is typed, only whether it was. */
export function Review({ pages, data }: { pages: readonly SplitPage[]; data: readonly Record<string, unknown>[] }) {
  const entries = pages.flatMap((page, index) => reviewed(page, data[index] ?? {}));
  if (entries.length === 0) return null;
  return (
    <section aria-label="So far">
      <h3>So far</h3>
      <dl className="properties">
        {entries.map(({ name, title, value }) => (
          <div key={name}>
            <dt>{title ?? heading(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
