// Every control of the report, driven in a real browser from file://.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeFigure } from '../../src/figure.ts';
import { blendOverlay } from '../../src/image/blend.ts';
import { colormaps, type ColormapId } from '../../src/image/colormaps.ts';
import { encodeNpy } from '../../src/lib/npy.ts';
import { shareInside } from '../../src/report/outline.ts';
import { writeReport } from '../../src/report/render.ts';
import { scaleMaxima, scales, type ScaleId } from '../../src/report/scale.ts';
import { axeFindings, hasBrowser, launchBrowser, openFile } from './browser.ts';
import { exampleMap, examplePicture, gridReport, writeExample } from './on-disk.ts';

if (!hasBrowser) process.stderr.write('skipped: no /usr/bin/chromium\n');

const rows = 12;
const report = gridReport(rows);
let browser: Browser;
let folder = '';
let path = '';
let page: Page;
let complaints: string[] = [];

beforeAll(async () => {
  if (!hasBrowser) return;
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), 'report-interactive-'));
  path = await writeExample(folder, report);
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  if (!hasBrowser) return;
  ({ page, complaints } = await openFile(browser, path));
  await page.locator('#maps').scrollIntoViewIfNeeded();
  await page.locator('#sample-1 canvas').first().waitFor();
});
afterEach(async () => {
  if (!hasBrowser) return;
  expect(complaints).toEqual([]);
  await page.close();
});

/** Sets a field as a person would, whatever box it is in; the page has drawn when this returns. */
async function set(name: string, value: string | boolean): Promise<void> {
  await page.evaluate(
    ([field, to]) => {
      const element = document.querySelector(`#controls [name=${field}]`) as HTMLInputElement;
      if (typeof to === 'boolean') element.checked = to;
      else element.value = to;
      element.dispatchEvent(new Event('input', { bubbles: true }));
    },
    [name, value] as const,
  );
  await settled();
}

async function settled(): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Pixels of a canvas, RGBA. */
async function pixels(selector: string): Promise<{ width: number; height: number; data: number[] }> {
  return page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return { width: canvas.width, height: canvas.height, data: Array.from(data) };
    });
}

/** Rows that can be seen on a page, by their numbers. */
const rowsOn = (on: Page): Promise<(string | null)[]> =>
  on.$$eval('.maps tbody tr', (all) =>
    all.filter((row) => row.getClientRects().length > 0).map((row) => row.id.replace('sample-', '')),
  );
const shownRows = (): Promise<(string | null)[]> => rowsOn(page);
const hash = async (): Promise<string> => {
  await page.waitForTimeout(250); // the address follows a moment later
  return new URL(page.url()).hash;
};

describe.skipIf(!hasBrowser)('pixels', () => {
  it('equal the overlays on disk within 2 levels for every colormap and scale', async () => {
    const [width, height] = [96, 64];
    const maps = report.cells.map((cell, i) => {
      const { data } = exampleMap(10 * Math.floor(i / 3) + (i % 3));
      const sum = data.reduce((all, value) => all + Math.max(0, value), 0);
      return { method: cell.method, sample: cell.sample, max: Math.max(...data), sum, logit: cell.logit ?? 0 };
    });
    const picture = examplePicture(width, height, 1);
    await page.locator('#sample-2 td .view').first().click(); // large: drawn at the picture's own size
    let worst = 0;
    for (const colormap of Object.keys(colormaps) as ColormapId[]) {
      await set('colormap', colormap);
      for (const scale of Object.keys(scales) as ScaleId[]) {
        await set('scale', scale);
        const scaleMax = scaleMaxima(scale, maps)[4] ?? NaN;
        const overlay = blendOverlay({
          picture,
          heatmap: exampleMap(11),
          placement: { x: 0, y: 0, width, height },
          scaleMax,
          colormap,
          alpha: 0.5,
        });
        const drawn = await pixels('dialog figure:nth-of-type(3) canvas');
        expect([drawn.width, drawn.height]).toEqual([width, height]);
        for (const [i, value] of overlay.rgba.entries()) {
          if (i % 4 !== 3)
            worst = Math.max(worst, Math.abs(value - (0.5 * (picture.rgba[i] ?? 0) + 0.5 * (drawn.data[i] ?? 0))));
        }
      }
    }
    expect(worst).toBeLessThanOrEqual(1);
  });

  it('are composed by the browser as plain alpha blending', async () => {
    const view = page.locator('#sample-1 td .view').first();
    const middle = async (): Promise<number[]> => {
      const shot = await view.screenshot();
      return page.evaluate(async (bytes) => {
        const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        return Array.from(context.getImageData(bitmap.width >> 1, bitmap.height >> 1, 1, 1).data.slice(0, 3));
      }, Array.from(shot));
    };
    await page.evaluate(() => document.querySelector('.cross')?.remove());
    const at = async (opacity: string): Promise<number[]> => {
      await set('opacity', opacity);
      return middle();
    };
    const [picture, mixed, heat] = [await at('0'), await at('40'), await at('100')];
    for (const [i, value] of mixed.entries())
      expect(Math.abs(value - (0.6 * (picture[i] ?? 0) + 0.4 * (heat[i] ?? 0)))).toBeLessThanOrEqual(2);
    expect(heat).not.toEqual(picture);
  });
});

describe.skipIf(!hasBrowser)('the heatmap’s controls', () => {
  it('change all maps and the colourbar at once', async () => {
    const before = await pixels('#sample-1 td canvas');
    await set('colormap', 'magma');
    expect((await pixels('#sample-1 td canvas')).data).not.toEqual(before.data);
    expect(await page.locator('.bench stop').last().getAttribute('stop-color')).toBe('rgb(252 253 191)'); // magma's last
    expect(await page.locator('.drawn').textContent()).toContain('Magma');
    await set('colormap', 'jet');
    expect(await page.locator('.drawn').textContent()).toContain('not in step');
  });

  it('name the scale and its top', async () => {
    expect(await page.locator('.ticks .high').first().textContent()).toBe('the map’s own maximum');
    await set('scale', 'global');
    const top = Math.max(...report.cells.map((cell) => cell.range?.[1] ?? 0));
    expect(await page.locator('.bench .high').textContent()).toBe(
      `${Number(top.toPrecision(3))}: the largest value in the report`,
    );
    expect(await page.locator('.scale-meaning').textContent()).toBe(scales.global.meaning);
    await set('scale', 'mass');
    expect(await page.locator('.bench .high').textContent()).toMatch(/^\d.* %: the largest share/);
  });

  it('raw cells are flat, a threshold hides, contours and outlines are lines', async () => {
    await set('cells', 'raw');
    const colors = new Set<string>();
    const raw = await pixels('#sample-1 td canvas');
    for (let i = 0; i < raw.data.length; i += 4) colors.add(raw.data.slice(i, i + 4).join());
    expect(colors.size).toBeLessThanOrEqual(24);
    await set('threshold', '60');
    const hidden = (await pixels('#sample-1 td canvas')).data.filter((value, i) => i % 4 === 3 && value === 0).length;
    expect(hidden).toBeGreaterThan(raw.data.length / 16);
    expect(await page.locator('#sample-1 td .contours .over').first().getAttribute('d')).toBe('');
    await set('contours', true);
    expect(await page.locator('#sample-1 td .contours .over').first().getAttribute('d')).toMatch(/^M\d+ \d+L/);
    expect(await page.locator('#sample-1 td .outline').first().isVisible()).toBe(false);
    await set('mask', true);
    expect(await page.locator('#sample-1 td .outline .over').first().isVisible()).toBe(true);
  });

  it('offer only what the report has', async () => {
    expect(await page.locator('[name=signed]').isHidden()).toBe(true); // no map is negative
    await page.locator('.more summary').first().click();
    expect(await page.locator('[name=mask]').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('[name=mask]').isVisible()).toBe(false);
  });
});

describe.skipIf(!hasBrowser)('exporting the view', () => {
  it('gives the command that draws it, which draws it', async () => {
    await page.locator('.figure summary').click();
    await set('colormap', 'magma');
    await set('compare', 'difference');
    await set('find', 's03');
    const command = await page.locator('#figure-command').inputValue();
    expect(command).toBe(
      `gradcam figure ${join(folder, 'report.json')} --samples s03 --columns input,run0,run1,run2,run0-vs-run2 --colormap magma --venue ieee2`,
    );
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('[value=figure]').click();
    await expect.poll(() => page.locator('[value=figure]').textContent()).toBe('Copied');
    const [, , ...words] = command.split(' ');
    const made = await makeFigure({
      report: words[0]!,
      samples: words[2],
      columns: words[4]!.split(','),
      colormap: words[6],
      venue: words[8],
      dpi: 72,
      format: ['svg'],
    });
    expect(made.caption).toContain('Colormap Magma');
  });
});

describe.skipIf(!hasBrowser)('comparing two runs', () => {
  it('draws their difference in a column of its own, with its own colourbar', async () => {
    await set('compare', 'difference');
    expect(await page.locator('.maps thead .compared').textContent()).toContain('CE − LMF');
    expect(await page.locator('#sample-1 td').count()).toBe(4);
    await set('b', '0');
    const { data } = await pixels('#sample-1 .compared canvas');
    const middle = colormaps.vik.rgb.slice(3 * 128, 3 * 128 + 3);
    expect(data.slice(0, 3)).toEqual([...middle]); // a run is no different from itself
    await set('compare', 'off');
    expect(await page.locator('.compared').count()).toBe(0);
  });

  it('swipes between them under the pointer', async () => {
    await set('compare', 'swipe');
    const view = page.locator('#sample-1 .compared .view');
    expect(await view.locator('canvas').count()).toBe(2);
    await view.scrollIntoViewIfNeeded();
    const box = (await view.boundingBox())!;
    await page.mouse.move(box.x + 0.25 * box.width, box.y + box.height / 2);
    await settled();
    expect(Number(await page.locator('[name=swipe]').inputValue())).toBeCloseTo(25, -0.5);
    expect(
      await view
        .locator('canvas')
        .last()
        .evaluate((canvas) => getComputedStyle(canvas).clipPath),
    ).toMatch(/inset\(0px 0px 0px/);
  });
});

describe.skipIf(!hasBrowser)('choosing samples', () => {
  it('filters by text, label, verdict and disagreement, and counts', async () => {
    await set('find', 's03');
    expect(await shownRows()).toEqual(['3']);
    expect(await page.locator('.maps .count').textContent()).toBe('1 of 12');
    await set('find', 'no such thing');
    expect(await page.locator('.nothing').isVisible()).toBe(true);
    await set('find', '');
    await set('label', 'nv');
    expect(await shownRows()).toEqual(['2', '4', '6', '8', '10', '12']);
    await set('verdict', 'some-wrong');
    expect(await shownRows()).toEqual(['4', '10']);
    await page.locator('[type=reset]').click();
    expect(await shownRows()).toHaveLength(rows);
    await set('differ', true);
    expect(await shownRows()).toEqual(['1', '4', '7', '10']);
    await set('verdict', 'right-1');
    expect(await shownRows()).toEqual([]);
  });

  it('sorts, and filters by attention', async () => {
    await set('sort', 'attention');
    const order = await shownRows();
    expect(order).not.toEqual(Array.from({ length: rows }, (_, i) => String(i + 1)));
    expect([...order].sort()).toEqual(Array.from({ length: rows }, (_, i) => String(i + 1)).sort());
    await set('attention', '60');
    const filtered = await shownRows();
    expect(filtered.length).toBeLessThan(rows);
    expect(order.slice(0, filtered.length)).toEqual(filtered);
    await set('attention', '0');
    await set('sort', 'unsure');
    expect((await shownRows())[0]).toBe(String(rows)); // the last sample is the least sure
  });
});

describe.skipIf(!hasBrowser)('what only some reports have', () => {
  it('filters by the share outside the mask', async () => {
    const half = { width: 96, height: 64, data: Uint8Array.from({ length: 96 * 64 }, (_, i) => (i % 96 < 48 ? 1 : 0)) };
    const whole = { x: 0, y: 0, width: 96, height: 64 };
    const outside = report.samples.map((_, r) =>
      Math.max(...[0, 1, 2].map((c) => 1 - (shareInside(exampleMap(10 * r + c), half, whole, whole) ?? NaN))),
    );
    const limit = Math.round(100 * ([...outside].sort((a, b) => a - b)[rows / 2] ?? NaN)) + 1;
    await set('outside', String(limit));
    expect(await shownRows()).toEqual(outside.flatMap((share, r) => (share >= limit / 100 ? [String(r + 1)] : [])));
    expect((await shownRows()).length).toBeGreaterThan(0);
    expect(await page.locator('.more.used').count()).toBe(1); // a closed box tells that something in it is set
  });

  it('shows evidence against, where maps have a sign', async () => {
    const signed = join(folder, 'signed');
    const own = await writeExample(signed, gridReport(1));
    const { width, height, data } = exampleMap(0);
    await writeFile(
      join(signed, 'maps/s01/run0.npy'),
      encodeNpy(
        data.map((value, i) => (i === 0 ? -1 : value)),
        [height, width],
      ),
    );
    await writeReport(gridReport(1), signed, { singleFile: false });
    const opened = await openFile(browser, own);
    await opened.page.locator('#sample-1 canvas').first().waitFor();
    expect(await opened.page.locator('[name=signed]').evaluate((field) => field.closest('label')?.hidden)).toBe(false);
    const corner = () =>
      opened.page
        .locator('#sample-1 td canvas')
        .first()
        .evaluate((canvas) =>
          Array.from((canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, 1, 1).data.slice(0, 3)),
        );
    expect(await corner()).toEqual([...colormaps.viridis.rgb.slice(0, 3)]);
    await opened.page.evaluate(() => (location.hash = 'signed=on'));
    await opened.page.waitForTimeout(200);
    expect(await corner()).toEqual([...colormaps.vik.rgb.slice(0, 3)]);
    expect(await opened.page.locator('.bench .low').textContent()).toBe('−the map’s own maximum');
    expect(opened.complaints).toEqual([]);
    await opened.page.close();
  });
});

describe.skipIf(!hasBrowser)('zoom, values, details', () => {
  it('zooms and pans a row together, by wheel, drag and keys', async () => {
    const view = page.locator('#sample-1 td .view').first();
    const box = (await view.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await settled();
    const transforms = () =>
      page.$$eval('#sample-1 .layers', (layers) =>
        layers.map((layer) =>
          getComputedStyle(layer).transform.replace(/[\d.]+/g, (number) =>
            String(Math.round(10 * Number(number)) / 10),
          ),
        ),
      );
    const zoomed = await transforms();
    expect(zoomed).toHaveLength(4);
    expect(new Set(zoomed).size).toBe(1);
    expect(zoomed[0]).toMatch(/^matrix\(2\.7/); // e
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + 30, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    expect((await transforms())[3]).not.toBe(zoomed[3]);
    expect(await page.locator('dialog').isVisible()).toBe(false); // a drag is no click
    expect(await hash()).toContain('zoom=0~2.718');
    await view.focus();
    await page.keyboard.press('0');
    expect((await transforms())[0]).toBe('matrix(1, 0, 0, 1, 0, 0)');
    await page.keyboard.press('+');
    expect((await transforms())[0]).toMatch(/^matrix\(1\.5/);
  });

  it('reads the value under the pointer in every map of the row', async () => {
    const view = page.locator('#sample-1 td .view').nth(1);
    const box = (await view.boundingBox())!;
    await page.mouse.move(box.x + (box.width * 1.5) / 6, box.y + (box.height * 2.5) / 4); // middle of cell (1, 2)
    await settled();
    const values = await page.$$eval('#sample-1 td .value', (all) => all.map((value) => value.textContent));
    expect(values).toHaveLength(3);
    for (const [c, text] of values.entries()) {
      const expected = exampleMap(c).data[2 * 6 + 1] ?? NaN;
      expect(Math.abs(Number(text?.split(' ')[0]) - expected)).toBeLessThan(0.0005);
    }
  });

  it('opens details by click and keys, steps through what is selected, comes back', async () => {
    await set('label', 'nv');
    await page.locator('#sample-2 td .view').first().click();
    expect(await page.locator('dialog h2').textContent()).toBe('s02');
    expect(await page.locator('dialog .top').first().innerText()).toContain('✓ nv (explained)');
    expect(await page.locator('dialog .top').count()).toBe(3);
    expect(await page.locator('dialog figure').nth(1).innerText()).toMatch(
      /logit 2 · map 0 to 0\.\d+, sum .* in the mask/,
    );
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('dialog h2').textContent()).toBe('s04');
    expect(await axeFindings(page)).toEqual([]);
    await page.mouse.move(600, 300);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await settled();
    expect(await page.locator('dialog .zoomed').count()).toBe(1);
    expect(await hash()).toContain('detail=4');
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog').isVisible()).toBe(false);
    expect(await hash()).not.toContain('detail');
  });

  it('is used by keyboard alone', async () => {
    await page.locator('#sample-1 td .view').first().focus();
    expect(await page.locator('.maps [tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toContain(
      'Map of LMF for class nv over s02',
    );
    for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowDown'); // into rows that were not there yet
    expect(await page.evaluate(() => document.activeElement?.closest('tr')?.id)).toBe('sample-11');
    await page.keyboard.press('Enter');
    expect(await page.locator('dialog h2').textContent()).toBe('s11');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.closest('tr')?.id)).toBe('sample-11');
  });
});

describe.skipIf(!hasBrowser)('the address', () => {
  it('holds the state, and brings it back', async () => {
    await set('colormap', 'cividis');
    await set('opacity', '80');
    await set('compare', 'swipe');
    await set('label', 'nv');
    await set('sort', 'attention');
    const order = await shownRows();
    const address = page.url().split('#')[0] + (await hash());
    const again = await openFile(browser, path);
    await again.page.goto(address);
    await again.page.reload();
    await again.page.locator('.maps canvas').first().waitFor();
    expect(await again.page.locator('[name=colormap]').inputValue()).toBe('cividis');
    expect(await again.page.locator('[name=opacity]').inputValue()).toBe('80');
    expect(await again.page.locator('.maps thead .compared').count()).toBe(1);
    expect(await rowsOn(again.page)).toEqual(order);
    await again.page.evaluate(() => (location.hash = 'colormap=inferno')); // as the back button does
    await again.page.waitForTimeout(100);
    expect(await again.page.locator('[name=colormap]').inputValue()).toBe('inferno');
    expect(await again.page.locator('.maps thead .compared').count()).toBe(0);
    expect(again.complaints).toEqual([]);
    await again.page.close();
  });

  it('may hold anything', async () => {
    for (const wrong of ['#<script>=1&colormap=%00', '#detail=99999&zoom=NaN~~&a=-1', '#metrics', '#%E0%A4%A=x&=&&']) {
      const { page: other, complaints: found } = await openFile(browser, path);
      await other.goto(`${page.url().split('#')[0]}${wrong}`);
      await other.reload();
      await other.locator('.maps canvas').first().waitFor({ state: 'attached' });
      expect(await other.locator('[name=colormap]').inputValue()).toBe('viridis');
      expect(found).toEqual([]);
      await other.close();
    }
  });
});
