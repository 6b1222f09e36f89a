import * as z from 'zod/mini';
import { ExternalLink } from '../navigation/external-link.js';
import { Moment } from '../shown/moment.js';
import { LatestCommit } from './latest-commit.js';

const Text = z.nullish(z.string());
const Checks = z.object({ state: z.enum(['pending', 'success', 'failure']), url: Text, at: Text });
const Release = z.object({ tag: z.string(), name: Text, url: Text, at: Text });
const Image = z.object({ name: z.string(), tag: z.string(), url: Text, at: Text });

const checkWords = { pending: 'Checks are running', success: 'Checks passed', failure: 'Checks failed' };

/** What webhooks told of the entity's repository; nothing of what they have not told yet. */
export function RepositoryFacts({ properties }: { properties: Record<string, unknown> }) {
  const checks = z.safeParse(Checks, properties['checks']).data;
  const release = z.safeParse(Release, properties['latest_release']).data;
  const image = z.safeParse(Image, properties['latest_image']).data;
  const notice = properties['repository_notice'];
  return (
    <>
      {typeof notice === 'string' && <p role="note">{notice}</p>}
      <LatestCommit property={properties['latest_commit']} />
      {checks && <Fact text={checkWords[checks.state]} url={checks.url} at={checks.at} />}
      {release && <Fact title="Latest release" text={release.name ?? release.tag} url={release.url} at={release.at} />}
      {image && <Fact title="Latest image" text={`${image.name}:${image.tag}`} url={image.url} at={image.at} />}
    </>
  );
}

function Fact({ title, text, url, at }: { title?: string; text: string; url?: string | null | undefined; at?: string | null | undefined }) {
  return (
    <div>
      {title && <h3>{title}</h3>}
      <p>
        {url ? <ExternalLink url={url}>{text}</ExternalLink> : text}
        {at && (
          <span className="quiet small">
            , <Moment at={at} />
          </span>
        )}
      </p>
    </div>
  );
}
