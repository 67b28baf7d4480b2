// A real browser for the report's tests: Debian's chromium where it is, else the tests say that they are skipped.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
export const hasBrowser = existsSync(executablePath);

export function launchBrowser(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath, args: ['--headless', ...args] });
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors and warnings of the console, uncaught exceptions, failed requests. */
  readonly complaints: string[];
  /** Everything that was asked for, as URLs. */
  readonly requests: string[];
}

/** Opens a file as a double click would, from `file://`. */
export async function openFile(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    // Reading canvases back is what the tests do, not the page.
    const ours = message.text().includes('willReadFrequently');
    if (['error', 'warning'].includes(message.type()) && !ours) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? 'failed';
    // A picture whose row is emptied, or whose page is left, before it has arrived is given up by the browser itself.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`${request.url().slice(0, 200)}: ${reason}`);
  });
  await page.goto(pathToFileURL(path).href);
  return { page, complaints, requests };
}

interface AxeViolation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe-core finds to be serious or critical, one line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
  // Evaluated by the debugger, not by the page, whose policy forbids it.
  await page.evaluate(source);
  const violations = await page.evaluate<AxeViolation[]>('axe.run().then((result) => result.violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)} (${nodes.length}) ${nodes[0]?.failureSummary ?? ''}`,
    );
}
