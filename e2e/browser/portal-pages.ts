import type { Page } from 'playwright-core';

/** How long a run may take from its request to its end, in milliseconds. */
const runDeadlineMs = 240_000;
const ended = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'DECLINED'];

/** Opens the one-time link and waits until the catalogue is there. */
export async function signIn(page: Page, signInUrl: string): Promise<void> {
  await page.goto(signInUrl);
  await page.getByRole('heading', { level: 1, name: 'Catalogue' }).waitFor();
}

/** From the catalogue or an entity's page to an action's form. */
export async function openAction(page: Page, title: string): Promise<void> {
  await page.getByRole('link', { name: title, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

/** Types into the fields by their labels. */
export async function fillIn(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(values)) await page.getByLabel(label, { exact: true }).fill(value);
}

/** Sends the form and answers with what it then says is wrong with that field. */
export async function errorAt(page: Page, label: string, button: string): Promise<string> {
  await page.getByRole('button', { name: button, exact: true }).click();
  const field = page.getByLabel(label, { exact: true });
  await page.locator('[aria-invalid="true"]').first().waitFor();
  const describedBy = (await field.getAttribute('aria-describedby')) ?? '';
  const texts = await Promise.all(
    describedBy
      .split(' ')
      .filter((id) => id.includes('error'))
      .map((id) => page.locator(`[id="${id}"]`).allInnerTexts()),
  );
  return texts.flat().join(' ');
}

/** Sends the form and answers with the id of the run whose page opens. */
export async function submit(page: Page, button: string): Promise<string> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.waitForURL('**/runs/*');
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** The runs to which the page of one that is queued links as those that go first. */
export async function runsAhead(page: Page): Promise<string[]> {
  const sentence = page.getByText(/^Waits for runs? /);
  await sentence.waitFor();
  return sentence.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''));
}

export interface WatchedRun {
  status: string;
  steps: { id: string; status: string }[];
  /** Each address to which the page linked when the run had ended. */
  links: string[];
  logLines: number;
}

/** Watches the run's page, without reloading it, until it says that the run is over. */
export async function watchRun(page: Page): Promise<WatchedRun> {
  const over = ended.map((status) => `main [role="status"] [data-status="${status}"]`).join(', ');
  const badge = page.locator(over);
  await badge.waitFor({ timeout: runDeadlineMs });
  const steps = await page.locator('.step').evaluateAll((items) =>
    items.map((item) => ({ id: item.getAttribute('data-step') ?? '', status: item.getAttribute('data-status') ?? '' })),
  );
  const links = await page.locator('.resource a').evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute('href') ?? ''));
  return { status: (await badge.getAttribute('data-status')) ?? '', steps, links, logLines: await page.locator('.log-line').count() };
}

export interface ShownEntity {
  status: string;
  links: string[];
  /** By title, as the page shows them. */
  properties: Record<string, string>;
}

/** From a run's page to the entity it is about, once that has the status. */
export async function openEntity(page: Page, identifier: string, status: string): Promise<ShownEntity> {
  await page.getByRole('link', { name: identifier, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: identifier }).waitFor();
  await page.locator(`main [role="status"] [data-status="${status}"]`).waitFor();
  const links = await page.locator('.link-bar a').evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute('href') ?? ''));
  const properties = await page.locator('.properties > div').evaluateAll((rows) =>
    rows.map((row): [string, string] => [row.querySelector('dt')?.textContent ?? '', row.querySelector('dd')?.textContent ?? '']),
  );
  return { status, links, properties: Object.fromEntries(properties) };
}
