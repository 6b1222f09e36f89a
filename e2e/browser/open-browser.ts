import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

export interface OpenedBrowser {
  page: Page;
  /** Errors that pages threw or wrote to their console so far: scripts, refused resources, breaches of the policy. */
  faults: readonly string[];
  close(): Promise<void>;
}

/** A fresh browser without a past. `SLIPWAY_CHROMIUM` names the program; else it is where Debian puts it. */
export async function openBrowser(): Promise<OpenedBrowser> {
  const executablePath = process.env['SLIPWAY_CHROMIUM'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    throw new Error(`There is no browser at ${executablePath}: install Chromium, or name the program in SLIPWAY_CHROMIUM.`);
  }
  const browser = await chromium.launch({ executablePath, args: flags });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`${error.name}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isRefusedInput(message.text())) faults.push(`${message.text()} (${message.location().url})`);
  });
  return { page, faults, close: () => closeAll(browser) };
}

/** Browsers count each answer from 400 on as a fault; that a form's input was refused is none. */
function isRefusedInput(text: string): boolean {
  return text.startsWith('Failed to load resource') && text.includes('status of 422');
}

/** Playwright adds --headless itself. The sandbox wants privileges that a container rarely grants; pages are our own. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

async function closeAll(browser: Browser): Promise<void> {
  await browser.close();
}
