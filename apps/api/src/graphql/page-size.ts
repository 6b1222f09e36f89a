import { SlipwayError } from '@slipway/contracts';

const largestPage = 100;

export function pageSize(first: number | null | undefined): number | undefined {
  if (first === null || first === undefined) return undefined;
  if (first >= 1 && first <= largestPage) return first;
  const issue = { path: 'first', code: 'out_of_range', message: `must be from 1 to ${largestPage}` };
  throw new SlipwayError('invalid_input', `first must be from 1 to ${largestPage}.`, [issue]);
}
