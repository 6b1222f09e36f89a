import { median, printFigure } from '../stage/print-figure.mjs';
import { withProduct } from './with-product.mjs';
import { isPush, isRestWriteOfGithub } from './writes-of-github.mjs';

/** As `npm run demo` does it: nothing slowed down, GitHub's limits kept. */
export async function endToEnd() {
  await withProduct({}, async (product) => {
    await product.deploy('warmup');
    const times = [];
    let writes = 0;
    for (const name of ['one', 'two', 'three']) {
      const { result, requests } = await product.requestsOf(() => product.deploy(name));
      times.push(result.seconds);
      writes = Math.max(writes, requests.filter(createsContent).length);
    }
    printFigure('main-job', 'seconds_end_to_end', median(times), 's');
    printFigure('main-job', 'github_writes_per_app', writes, 'calls', 15);
  });
}

/** What GitHub counts as creating content: each REST call that writes, and to be on the safe side each push. */
function createsContent(request) {
  return isRestWriteOfGithub(request) || isPush(request);
}
