import type { ReactNode } from 'react';

/** A link out of the portal. Addresses come from other systems, so only those that a browser merely opens become links. */
export function ExternalLink({ url, children }: { url: string; children: ReactNode }) {
  if (!/^https?:\/\//i.test(url)) return <span title={url}>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener" className="external">
      {children}
      <span className="for-readers"> (opens in a new tab)</span>
    </a>
  );
}
