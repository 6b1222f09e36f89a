/** GitHub's global node ids: a type's letters and something opaque. */
export function nodeId(type: string, id: number | string): string {
  return `${type}_${Buffer.from(`sandbox:${id}`).toString('base64url')}`;
}
