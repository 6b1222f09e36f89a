import { Link } from '../navigation/link.js';
import { useTitle } from './use-title.js';

export function MissingPage({ what = 'There is no page at this address.' }: { what?: string }) {
  useTitle('Not found');
  return (
    <>
      <h1>Not found</h1>
      <p>{what}</p>
      <p>
        <Link to="/">Back to the catalogue</Link>
      </p>
    </>
  );
}
