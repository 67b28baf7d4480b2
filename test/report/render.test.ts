import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderReport, writeReport } from '../../src/report/render.ts';
import { exampleReport, exampleRun, hostileReport } from './example.ts';

/** The markup without the script and its data, which `page/` has tests for. */
const markupOf = (html: string) => html.replace(/<script[\s\S]*?<\/script>/g, '');
const render = (report = exampleReport()) => renderReport(report, { folder: '.', singleFile: false });

describe('renderReport', () => {
  it('shows every sample, run, verdict and how to make it again', async () => {
    const html = await render(
      exampleReport({ warnings: ['heads differ'], skipped: [{ path: 'x.txt', reason: 'no picture' }] }),
    );
    for (const text of [
      'CE and LMF on 2 samples',
      'heads differ',
      'x.txt',
      'no picture',
      '93.0 %',
      'npx gradcam compare',
      'evidence',
    ])
      expect(html).toContain(text);
    expect(html.match(/<td role="cell"/g)).toHaveLength(4);
    expect(html).toContain('src="overlays/a/ce.png"');
    expect(html).toContain('aria-label="right"');
  });

  it('allows exactly its own style sheet and nothing from elsewhere', async () => {
    const html = await render();
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/
      .exec(html)?.[1]
      ?.replaceAll('&#x27;', "'")
      .replaceAll('&#x3D;', '=');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(policy).not.toContain('unsafe');
    expect(markupOf(html)).not.toMatch(/ style=|\son\w+=|https?:\/\//);
  });

  it('shows hostile names as text', async () => {
    const page = await render(hostileReport());
    expect(page.match(/<script/g)).toHaveLength(3);
    const html = markupOf(page);
    const tags = new Set([...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map((match) => match[1]?.toLowerCase()));
    expect(tags).not.toContain('script');
    expect([...html.matchAll(/<svg/g)]).toHaveLength(1);
    for (const [attribute] of html.matchAll(/<img[^>]*>/g))
      expect(attribute).toMatch(
        /^<img src="(pictures|overlays)\/[\w.%~-]+" alt="[^"]*" width="96" height="64" loading="lazy">$/,
      );
    expect(html).toContain('&lt;script&gt;window.broken');
    expect(html).toContain('{{constructor}}');
  });

  it('says so when the data are synthetic', async () => {
    expect(await render(exampleReport({ runs: [exampleRun('ce', { synthetic: true })] }))).toContain('synthetic data');
    expect(await render()).not.toContain('synthetic');
  });

  it('stands without samples or runs', async () => {
    const html = await render(exampleReport({ runs: [], samples: [], cells: [] }));
    expect(html).toContain('No sample could be shown.');
  });
});

describe('writeReport', () => {
  it('writes the page and the same data as JSON', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-write-'));
    try {
      const report = exampleReport();
      await writeReport(report, folder, { singleFile: false });
      expect((await readdir(folder)).sort()).toEqual(['cells.csv', 'report.html', 'report.json']);
      expect(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))).toEqual(report);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
