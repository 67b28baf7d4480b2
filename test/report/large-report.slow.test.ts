// A report of 1,000 samples under four runs: its size, and that the page does not grow with the number of samples.
// Times are printed, and compared within the run only: with a report of ten samples, or with frames in which nothing moves.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, openFile } from './browser.ts';
import { gridReport, writeExample } from './on-disk.ts';

if (!hasBrowser) process.stderr.write('skipped: no /usr/bin/chromium\n');

let browser: Browser;
let folder = '';
let page: Page;
/** Milliseconds until a report of ten samples shows its first maps, beside which the large one is measured. */
let small = NaN;

beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'report-large-'));
  const whole = gridReport(1000, 4);
  // Forty maps and ten pictures do for all: what is measured is the page, not the disk.
  const samples = whole.samples.map((sample, r) => ({
    ...sample,
    picture: `pictures/s${(r % 10) + 1}.png`,
    mask: `masks/s${(r % 10) + 1}.png`,
  }));
  const cells = whole.cells.map((cell, i) => ({
    ...cell,
    map: `maps/s${String((Math.floor(i / 4) % 10) + 1).padStart(2, '0')}/run${i % 4}.npy`,
  }));
  await writeExample(folder, { ...whole, samples: samples.slice(0, 10), cells: cells.slice(0, 40) });
  browser = await launchBrowser();
  await (await openFile(browser, path())).page.close(); // a browser's first page takes longer
  const few = await openFile(browser, path());
  small = await firstMaps(few.page);
  await few.page.close();
  const { writeReport } = await import('../../src/report/render.ts');
  await writeReport(
    { ...whole, samples: samples.map((sample) => ({ ...sample, mask: join(folder, sample.mask) })), cells },
    folder,
    { singleFile: false },
  );
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

const path = (): string => join(folder, 'report.html');

async function firstMaps(of: Page): Promise<number> {
  await of.locator('#sample-1 canvas').first().waitFor();
  return of.evaluate(() => new Promise<number>((done) => requestAnimationFrame(() => done(performance.now()))));
}

/** Milliseconds of each frame, of 120, with so many pixels scrolled in each. */
function framesOf(of: Page, pixels: number): Promise<number[]> {
  return of.evaluate(
    (each) =>
      new Promise<number[]>((done) => {
        const times: number[] = [];
        const step = (time: number): void => {
          times.push(time);
          scrollBy(0, each);
          if (times.length < 121) requestAnimationFrame(step);
          else done(times.slice(1).map((later, i) => later - (times[i] ?? 0)));
        };
        requestAnimationFrame(step);
      }),
    pixels,
  );
}

const sorted = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);

describe.skipIf(!hasBrowser)('1,000 samples under 4 runs', () => {
  it('take less than 5 MB without their pictures', async () => {
    expect((await stat(path())).size).toBeLessThan(5e6);
  });

  it('show their first maps soon', async () => {
    const opened = await openFile(browser, path());
    page = opened.page;
    const milliseconds = await firstMaps(page);
    process.stderr.write(`first maps after ${Math.round(milliseconds)} ms, of ten samples ${Math.round(small)} ms\n`);
    expect(milliseconds / small).toBeLessThan(6);
    expect(opened.complaints).toEqual([]);
  });

  it('hold a bounded number of elements, wherever the page is scrolled', async () => {
    const client = await page.context().newCDPSession(page);
    for (const row of [1, 500, 1000, 250]) {
      await page.evaluate((n) => document.getElementById(`sample-${n}`)?.scrollIntoView(), row);
      await page.locator(`#sample-${row} canvas`).first().waitFor();
      expect(await page.locator('.maps canvas').count()).toBeLessThan(150);
    }
    await client.send('HeapProfiler.collectGarbage');
    expect((await client.send('Memory.getDOMCounters')).nodes).toBeLessThan(20_000);
    expect((await client.send('Runtime.getHeapUsage')).usedSize).toBeLessThan(60e6);
  });

  it('scroll frame by frame, at 4,800 pixels a second', async () => {
    await page.evaluate(() => scrollTo(0, 0));
    const still = sorted(await framesOf(page, 0));
    const frames = sorted(await framesOf(page, 80));
    const [median = NaN, slow = NaN, usual = NaN] = [frames[60], frames[114], still[60]];
    process.stderr.write(`frames while scrolling: median ${median.toFixed(1)} ms, 95 % within ${slow.toFixed(1)} ms\n`);
    expect(median / usual).toBeLessThan(3);
  });

  it('take less than 600 MB of memory in the page’s process', async () => {
    const client = await browser.newBrowserCDPSession();
    const { processInfo } = await client.send('SystemInfo.getProcessInfo');
    const sizes = await Promise.all(
      processInfo
        .filter(({ type }) => type === 'renderer')
        .map(async ({ id }) => {
          const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
          return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
        }),
    );
    process.stderr.write(`memory of the page: ${Math.round(Math.max(...sizes) / 1e6)} MB\n`);
    expect(Math.max(...sizes)).toBeLessThan(600e6);
    expect(Math.max(...sizes)).toBeGreaterThan(0);
  });

  it('change colours, and are selected and sorted, at once', async () => {
    const change = (name: string, value: string): Promise<number> =>
      page.evaluate(
        ([field, to]) => {
          const element = document.querySelector(`#controls [name=${field}]`) as HTMLInputElement;
          element.value = to;
          const start = performance.now();
          element.dispatchEvent(new Event('input', { bubbles: true }));
          return performance.now() - start;
        },
        [name, value] as const,
      );
    const recoloured = await change('colormap', 'magma');
    process.stderr.write(`colours changed in ${recoloured.toFixed(1)} ms\n`);
    const found = await change('find', 's07');
    expect(await page.locator('.maps .count').textContent()).toBe('1 of 1000');
    await change('find', '');
    const others = [await change('scale', 'global'), found, await change('sort', 'attention')];
    expect(Math.max(recoloured, ...others) / small).toBeLessThan(1);
  });
});
