// The report as a file in a real browser: what is shown, what is asked for, what a hostile name can do.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from '../../src/report/render.ts';
import type { Report } from '../../src/report/report.ts';
import { axeFindings, hasBrowser, launchBrowser, openFile } from './browser.ts';
import { exampleReport, exampleRun, hostileReport } from './example.ts';

if (!hasBrowser) process.stderr.write('skipped: no /usr/bin/chromium\n');

let browser: Browser;
let folder = '';
beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), 'report #1 é '));
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

/** Writes a report with pictures that exist; returns the page's path. */
async function write(name: string, report: Report, singleFile = false): Promise<string> {
  const out = join(folder, name);
  const png = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#a06040' } })
    .png()
    .toBuffer();
  const paths = [...report.samples.map((sample) => sample.picture), ...report.cells.map((cell) => cell.overlay)];
  for (const path of new Set(paths)) {
    if (path === null) continue;
    await mkdir(join(out, path, '..'), { recursive: true });
    await writeFile(join(out, path), png);
  }
  await writeReport(report, out, { singleFile });
  return join(out, 'report.html');
}

describe.skipIf(!hasBrowser)('report.html in a browser', () => {
  it('shows all pictures from file:// without a complaint, and asks for nothing but them', async () => {
    const { page, complaints, requests } = await openFile(browser, await write('plain', exampleReport()));
    await page.waitForLoadState('networkidle');
    const sizes = await page.$$eval('.maps img', (images) =>
      images.map((image) => (image as HTMLImageElement).naturalWidth),
    );
    expect(sizes).toEqual([96, 96, 96, 96, 96, 96]);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await axeFindings(page)).toEqual([]);
    await page.close();
  });

  it('needs no other file with singleFile', async () => {
    const path = await write('single', exampleReport(), true);
    for (const part of ['pictures', 'overlays']) await rm(join(folder, 'single', part), { recursive: true });
    const { page, complaints, requests } = await openFile(browser, path);
    const sizes = await page.$$eval('.maps img', (images) =>
      images.map((image) => (image as HTMLImageElement).naturalWidth),
    );
    expect(sizes).toHaveLength(6);
    expect(new Set(sizes)).toEqual(new Set([96]));
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toHaveLength(1);
    await page.close();
  });

  it.each([
    { name: 'light', options: { colorScheme: 'light' } },
    { name: 'dark', options: { colorScheme: 'dark' } },
    { name: 'narrow', options: { viewport: { width: 390, height: 844 } } },
  ] as const)('shows hostile names as text and keeps its layout ($name)', async ({ name, options }) => {
    const { page, complaints } = await openFile(browser, await write(`hostile ${name}`, hostileReport()), options);
    await page.$$eval('details', (all) => all.forEach((details) => (details.open = true)));
    const state = await page.evaluate(() => ({
      broken: 'broken' in window,
      width: document.documentElement.scrollWidth - window.innerWidth,
      scripts: document.scripts.length,
      // Rows are as tall as their pictures and a few lines, whatever the names.
      tallest: Math.max(
        ...Array.from(document.querySelectorAll('.maps tbody tr'), (row) => row.getBoundingClientRect().height),
      ),
      head: document.querySelector('.masthead')?.getBoundingClientRect().height ?? Infinity,
    }));
    expect(state.broken).toBe(false);
    expect(state.scripts).toBe(0);
    expect(state.width).toBeLessThanOrEqual(0);
    expect(state.tallest).toBeLessThan(1400);
    expect(state.head).toBeLessThan(900);
    expect(complaints).toEqual([]);
    // axe takes half a minute over these names on a narrow page; 'plain' covers that layout.
    if (name !== 'narrow') expect(await axeFindings(page)).toEqual([]);
    await page.close();
  });

  it('prints: the head of the table repeats, no row is cut', async () => {
    const samples = Array.from({ length: 12 }, (_, i) => ({ ...exampleReport().samples[0]!, id: `s${i}` }));
    const cells = samples.flatMap((sample) =>
      exampleReport()
        .cells.slice(0, 2)
        .map((cell) => ({ ...cell, sample: sample.id })),
    );
    const { page } = await openFile(
      browser,
      await write('print', exampleReport({ samples, cells, runs: [exampleRun('ce'), exampleRun('lmf')] })),
    );
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 4).toString()).toBe('%PDF');
    await page.emulateMedia({ media: 'print' });
    const displays = await page.evaluate(() => [
      getComputedStyle(document.querySelector('.maps thead')!).display,
      getComputedStyle(document.querySelector('.maps tbody tr')!).breakInside,
    ]);
    expect(displays).toEqual(['table-header-group', 'avoid']);
    await page.close();
  });
});
