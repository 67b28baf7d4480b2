// Makes the pictures of docs/gallery.md and the README from the runs and samples that ship, by the commands on that page.
//   npm run build && node scripts/gallery.mjs      (wants Chromium at /usr/bin/chromium, and pdftoppm)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const FIGURES = ['lmf-figure', 'difference', 'per-class', 'contours'];
const scratch = mkdtempSync(join(tmpdir(), 'gradcam-gallery-'));
const report = join(scratch, 'report');

gradcam([
  'compare',
  '--models',
  ...['ce', 'focal', 'ldam', 'lmf'].map((run) => `./runs/${run}`),
  '--images',
  './samples',
  '--out',
  report,
]);
const commands = [...readFileSync('docs/gallery.md', 'utf8').matchAll(/^npx gradcam (figure .*)$/gm)].map((match) =>
  match[1].split(' '),
);
for (const [index, name] of FIGURES.entries()) {
  const words = commands[index].map((word) => (word === 'out/report.json' ? join(report, 'report.json') : word));
  gradcam([...words, '--dpi', '100', '--out', join(scratch, `${name}.png`)]);
  await small(join(scratch, `${name}.png`), `docs/gallery/${name}.png`);
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
await shot('docs/report.png', { width: 1280, height: 900 }, 'light', false);
await shot('docs/gallery/report-dark.png', { width: 1280, height: 900 }, 'dark', true, 960);
await shot('docs/gallery/report-narrow.png', { width: 390, height: 844 }, 'light', true);
const page = await browser.newPage();
await page.goto(`file://${join(report, 'report.html')}`);
await page.pdf({ path: join(scratch, 'report.pdf'), format: 'A4', printBackground: true });
await browser.close();
execFileSync('pdftoppm', [
  '-png',
  '-r',
  '96',
  '-f',
  '2',
  '-l',
  '2',
  join(scratch, 'report.pdf'),
  join(scratch, 'print'),
]);
const printed = execFileSync('ls', [scratch], { encoding: 'utf8' })
  .split('\n')
  .find((file) => file.startsWith('print'));
await small(join(scratch, printed), 'docs/gallery/report-print.png', 496);
rmSync(scratch, { recursive: true });

async function shot(file, viewport, colorScheme, atMaps, width) {
  const opened = await browser.newPage({ viewport, colorScheme });
  await opened.goto(`file://${join(report, 'report.html')}`);
  if (atMaps) await opened.locator('h2', { hasText: /^Maps$/ }).evaluate((heading) => heading.scrollIntoView());
  await opened.waitForTimeout(1500);
  const picture = join(scratch, 'shot.png');
  await opened.screenshot({ path: picture });
  await opened.close();
  await small(picture, file, width);
}

/** Fewer colours, to keep the repository small. */
async function small(from, to, width) {
  const picture = sharp(from);
  await (width === undefined ? picture : picture.resize({ width }))
    .png({ palette: true, colours: 256, effort: 10 })
    .toFile(to);
}

function gradcam(words) {
  execFileSync(process.execPath, [join('bin', 'gradcam.js'), ...words], { stdio: 'inherit' });
}
