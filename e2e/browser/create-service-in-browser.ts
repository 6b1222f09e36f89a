import type { Page } from 'playwright-core';
import type { ApiClient } from '../product/api-client.js';
import { errorAt, fillIn, openAction, openEntity, runsAhead, signIn, type ShownEntity, submit, watchRun, type WatchedRun } from './portal-pages.js';

interface ServiceJourney {
  signInUrl: string;
  /** A colleague's, who asks for something of the same service just before it is deleted. */
  colleague: ApiClient;
  values: { app_name: string; repo_name: string; namespace: string; db_name: string };
}

/** What a person saw on the way; the caller says whether that was right. */
export interface SeenOnTheWay {
  /** What the form said to a name that breaks the rules. */
  nameError: string;
  created: WatchedRun & { run: string };
  entity: ShownEntity;
  /** What the form said when the name typed to confirm was another's: found by the server alone. */
  confirmError: string;
  deleted: WatchedRun & { run: string; colleagues: string; ahead: string[] };
}

/** A developer's way through the portal: sign in, ask for a service, watch it come into being, look at it, delete it. */
export async function createServiceInBrowser(page: Page, { signInUrl, colleague, values }: ServiceJourney): Promise<SeenOnTheWay> {
  await signIn(page, signInUrl);

  await openAction(page, 'Deploy a Python Flask service');
  const fields = { Repository: values.repo_name, Namespace: values.namespace, Database: values.db_name };
  await fillIn(page, { Name: 'Not A Name!', ...fields });
  const nameError = await errorAt(page, 'Name', 'Create');
  await fillIn(page, { Name: values.app_name });
  const createRun = await submit(page, 'Create');
  const created = await watchRun(page);
  const entity = await openEntity(page, values.app_name, 'ready');

  await openAction(page, 'Delete the service');
  const confirm = "Type the service's name to confirm";
  await fillIn(page, { [confirm]: `${values.app_name}-not` });
  const confirmError = await errorAt(page, confirm, 'Delete');
  await fillIn(page, { [confirm]: values.app_name });
  await colleague.call('PUT', '/v1/engine/pause', { reason: 'a line to be looked at' });
  const colleagues = await colleague.request('redeploy', {}, values.app_name);
  const deleteRun = await submit(page, 'Delete');
  const ahead = await runsAhead(page);
  await colleague.call('DELETE', '/v1/engine/pause');
  const deleted = await watchRun(page);

  return { nameError, created: { run: createRun, ...created }, entity, confirmError, deleted: { run: deleteRun, ...deleted, colleagues, ahead } };
}
