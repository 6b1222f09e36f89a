/** The labels that say a thing in the cluster is ours, and whose. */
const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const OWNER_LABEL = 'slipway.dev/owner';

interface Labelled {
  metadata?: { labels?: Record<string, string> | undefined } | undefined;
}

export function ownerLabels(mark: string): Record<string, string> {
  return { [MANAGED_BY_LABEL]: 'slipway', [OWNER_LABEL]: mark };
}

export function isOwned(object: Labelled, mark: string): boolean {
  return object.metadata?.labels?.[OWNER_LABEL] === mark;
}

/** Why it is not ours, for people. */
export function describeOwner(object: Labelled): string {
  const owner = object.metadata?.labels?.[OWNER_LABEL];
  return owner === undefined
    ? `it does not carry the label ${OWNER_LABEL}`
    : `its label ${OWNER_LABEL} names another owner, ${owner}`;
}
