// The report as a file in a real browser: what is shown without its script, what is asked for, what a hostile name can do.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, hasBrowser, launchBrowser, openFile } from './browser.ts';
import { hostileReport } from './example.ts';
import { gridReport, writeExample } from './on-disk.ts';

if (!hasBrowser) process.stderr.write('skipped: no /usr/bin/chromium\n');

let browser: Browser;
let folder = '';
beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await launchBrowser();
  // A folder whose name has to be encoded in every address.
  folder = await mkdtemp(join(tmpdir(), 'report #1 é '));
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

const widths = (page: Page): Promise<number[]> =>
  page.$$eval('.maps img', (images) => images.map((image) => (image as HTMLImageElement).naturalWidth));

describe.skipIf(!hasBrowser)('report.html in a browser', () => {
  it('shows all overlays without a script', async () => {
    const path = await writeExample(join(folder, 'no script'), gridReport(2));
    const { page, complaints, requests } = await openFile(browser, path, { javaScriptEnabled: false });
    await page.waitForLoadState('networkidle');
    expect(await page.locator('.maps img').count()).toBe(8);
    expect(await page.locator('.controls').isVisible()).toBe(false);
    expect(requests.filter((url) => url.includes('overlays/'))).toHaveLength(6);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('asks for nothing but its own pictures, and complains of nothing', async () => {
    const { page, complaints, requests } = await openFile(
      browser,
      await writeExample(join(folder, 'plain'), gridReport(2)),
    );
    await page.waitForLoadState('networkidle');
    expect(new Set(await widths(page))).toEqual(new Set([96]));
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(requests.filter((url) => url.includes('overlays/'))).toEqual([]);
    expect(complaints).toEqual([]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeFindings(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await axeFindings(page)).toEqual([]);
    await page.close();
  });

  it.each([true, false])('needs no other file with singleFile, with a script: %s', async (javaScriptEnabled) => {
    const path = await writeExample(join(folder, 'single'), gridReport(2), { singleFile: true });
    for (const part of ['pictures', 'overlays', 'maps']) await rm(join(folder, 'single', part), { recursive: true });
    const { page, complaints, requests } = await openFile(browser, path, { javaScriptEnabled });
    await page.waitForLoadState('networkidle');
    expect(await page.locator('.maps img').count()).toBe(8);
    if (javaScriptEnabled) expect(new Set(await widths(page))).toEqual(new Set([96]));
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toHaveLength(1);
    await page.close();
  });

  it.each([
    { name: 'light', options: { colorScheme: 'light' } },
    { name: 'dark', options: { colorScheme: 'dark' } },
    { name: 'narrow', options: { viewport: { width: 390, height: 844 } } },
    { name: 'no script', options: { javaScriptEnabled: false } },
  ] as const)('shows hostile names as text and keeps its layout ($name)', async ({ name, options }) => {
    const path = await writeExample(join(folder, `hostile ${name}`), hostileReport());
    const { page, complaints } = await openFile(browser, path, options);
    await page.waitForLoadState('networkidle');
    const heightOf = async (selector: string): Promise<number> => {
      const boxes = await Promise.all((await page.locator(selector).all()).map((element) => element.boundingBox()));
      return Math.max(...boxes.map((box) => box?.height ?? 0));
    };
    expect(await heightOf('.maps tbody tr')).toBeLessThan(1400); // as tall as the pictures and a few lines, whatever the names
    expect(await heightOf('.masthead')).toBeLessThan(900);
    if (name !== 'no script') {
      await page.$$eval('details:not(.more)', (all) =>
        all.forEach((details) => ((details as HTMLDetailsElement).open = true)),
      );
      expect(await page.evaluate(() => 'broken' in window)).toBe(false);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
      expect(await page.evaluate(() => document.scripts.length)).toBe(3);
      await page.locator('#sample-2').scrollIntoViewIfNeeded();
      await page.locator('#sample-2 td .view').first().click();
      expect(await page.locator('dialog h2').textContent()).toContain('onerror');
      expect(
        await page.locator('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth),
      ).toBeLessThanOrEqual(0);
      await page.keyboard.press('Escape');
    }
    expect(complaints).toEqual([]);
    // axe takes half a minute over these names on a narrow page; 'plain' covers that layout.
    if (name === 'light' || name === 'dark') expect(await axeFindings(page)).toEqual([]);
    await page.close();
  });

  it('keeps samples beside many runs: on the screen in place, on paper with maps in lines under their names', async () => {
    const { page } = await openFile(browser, await writeExample(join(folder, 'wide'), gridReport(2, 12)));
    await page.evaluate(() => scrollTo(500, 0));
    const leftOf = (selector: string): Promise<number> =>
      page.locator(selector).evaluate((element) => element.getBoundingClientRect().left);
    const margin = await leftOf('.bench');
    expect(margin).toBeGreaterThan(0);
    for (const selector of ['.maps thead th:first-child', '#sample-1 th']) expect(await leftOf(selector)).toBe(margin);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.maps thead').isVisible()).toBe(false);
    expect(await page.locator('#sample-1 .run').first().isVisible()).toBe(true);
    const sides = await page.$$eval('#sample-1 td', (cells) => cells.map((cell) => cell.getBoundingClientRect().right));
    expect(new Set(sides).size).toBe(6);
    await page.close();
  });

  it('prints every row, under a head that repeats, none of them cut', async () => {
    const { page } = await openFile(browser, await writeExample(join(folder, 'print'), gridReport(30)));
    // Counted when the printer takes the page; afterwards far rows are emptied again.
    await page.evaluate(() =>
      addEventListener('beforeprint', () =>
        Reflect.set(window, 'printed', document.querySelectorAll('.maps canvas').length),
      ),
    );
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 4).toString()).toBe('%PDF');
    expect(await page.evaluate(() => Reflect.get(window, 'printed') as unknown)).toBe(90);
    await page.emulateMedia({ media: 'print' });
    const style = await page.evaluate(() => [
      getComputedStyle(document.querySelector('.maps thead')!).display,
      getComputedStyle(document.querySelector('.maps tbody tr')!).breakInside,
    ]);
    expect(style).toEqual(['table-header-group', 'avoid']);
    await page.close();
  });
});
