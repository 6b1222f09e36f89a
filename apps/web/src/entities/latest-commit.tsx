import * as z from 'zod/mini';
import { ExternalLink } from '../navigation/external-link.js';
import { Moment } from '../shown/moment.js';

const Commit = z.object({
  sha: z.string(),
  message: z.string(),
  author: z.nullish(z.string()),
  url: z.nullish(z.string()),
  at: z.nullish(z.string()),
});

/** The commit that the repository's webhook told last; nothing before the first. */
export function LatestCommit({ property }: { property: unknown }) {
  const read = z.safeParse(Commit, property);
  if (!read.success) return null;
  const { sha, message, author, url, at } = read.data;
  const short = <code>{sha.slice(0, 8)}</code>;
  return (
    <div className="commit">
      <h3>Latest commit</h3>
      <p>
        {url ? <ExternalLink url={url}>{short}</ExternalLink> : short} {message.split('\n', 1)[0]}
      </p>
      <p className="quiet small">
        {author}
        {author && at && ', '}
        {at && <Moment at={at} />}
      </p>
    </div>
  );
}
