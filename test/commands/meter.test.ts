import { describe, expect, it } from 'vitest';
import { createMeter } from '../../src/commands/meter.ts';
import { recorder } from './fake-context.ts';

function meterOn(terminal: { isTTY?: boolean; columns?: number }, env: Record<string, string> = {}, quiet = false) {
  const stderr = recorder(terminal);
  let clock = 0;
  const meter = createMeter({ stderr, env: { NO_COLOR: '1', ...env } }, { quiet, now: () => clock });
  return { ...meter, text: stderr.text, wait: (ms: number) => (clock += ms) };
}

/** What a terminal shows in the end: `\r` goes to the start of the line, `\u001b[K` clears what follows. */
function screen(text: string): string[] {
  const lines = [''];
  let column = 0;
  for (const [part] of text.matchAll(/\u001b\[K|[^]/gu)) {
    const line = lines.at(-1) ?? '';
    if (part === '\n') {
      lines.push('');
      column = 0;
    } else if (part === '\r') column = 0;
    else if (part === '\u001b[K') lines[lines.length - 1] = line.slice(0, column);
    else lines[lines.length - 1] = line.slice(0, column) + part + line.slice(++column);
  }
  return lines;
}

describe('on a terminal', () => {
  it('shows models as they load and then a bar with pace and time left', () => {
    const { onProgress, text, wait } = meterOn({ isTTY: true, columns: 60 });
    onProgress({ kind: 'model-loading', run: 'ce', path: 'runs/ce' });
    expect(screen(text())).toEqual(['loading ce (runs/ce)']);
    onProgress({ kind: 'model-loaded', run: 'ce', layer: 'layer4', ms: 340 });
    onProgress({ kind: 'started', what: 'maps', total: 40 });
    wait(2000);
    onProgress({ kind: 'progress', cells: 10 });
    const [loaded, bar = ''] = screen(text());
    expect(loaded).toBe('ce: layer layer4 (340 ms)');
    expect(bar).toMatch(/^maps █{7}░{21,22} {2}10\/40 {2}5\.0\/s {2}6\.0 s left$/);
    expect(bar.length).toBeLessThan(60);
  });

  it('is drawn ten times a second at most, and is gone in the end', () => {
    const { onProgress, close, text, wait } = meterOn({ isTTY: true, columns: 80 });
    onProgress({ kind: 'started', what: 'maps', total: 1000 });
    for (let i = 0; i < 1000; i++) {
      wait(1);
      onProgress({ kind: 'progress', cells: 1 });
    }
    expect(text().split('\r').length - 1).toBeLessThanOrEqual(12);
    close();
    expect(screen(text())).toEqual(['']);
    onProgress({ kind: 'progress', cells: 1 });
    expect(screen(text())).toEqual(['']);
  });

  it('keeps what must be read above the bar', () => {
    const { onProgress, text } = meterOn({ isTTY: true, columns: 80 });
    onProgress({ kind: 'started', what: 'maps', total: 4 });
    onProgress({ kind: 'skipped', path: 's/a.jpg', reason: 'not a picture' });
    onProgress({ kind: 'warning', message: 'classes differ' });
    onProgress({ kind: 'finished', out: 'out', ms: 1, inferenceMs: 1 });
    expect(screen(text())).toEqual(['skipped: s/a.jpg: not a picture', 'note: classes differ', '']);
  });

  it.each([1, 10, 20, 40, 200])('fits a width of %i', (columns) => {
    const { onProgress, text } = meterOn({ isTTY: true, columns });
    onProgress({ kind: 'model-loading', run: 'x'.repeat(300), path: 'y' });
    onProgress({ kind: 'started', what: 'maps', total: 123_456 });
    onProgress({ kind: 'progress', cells: 1000 });
    for (const frame of text().split('\r\u001b[K')) expect(frame.length).toBeLessThan(Math.max(columns, 11));
  });
});

describe('elsewhere', () => {
  it('writes a line at the start, after each tenth and at the end', () => {
    const { onProgress, text, wait } = meterOn({});
    onProgress({ kind: 'started', what: 'maps', total: 200 });
    for (let i = 0; i < 200; i++) {
      wait(10);
      onProgress({ kind: 'progress', cells: 1 });
    }
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('maps: 200 to make');
    expect(lines[1]).toBe('maps: 10 %  20/200  100/s  1.8 s left');
    expect(lines[10]).toBe('maps: 100 %  200/200  100/s  in 2.0 s');
    expect(text()).not.toContain('\r');
  });

  it('writes a line after five seconds where a tenth takes longer', () => {
    const { onProgress, text, wait } = meterOn({});
    onProgress({ kind: 'started', what: 'maps', total: 1000 });
    for (let i = 0; i < 12; i++) {
      wait(1000);
      onProgress({ kind: 'progress', cells: 1 });
    }
    expect(text().trimEnd().split('\n')).toHaveLength(3);
  });

  it('says in the end how many were made where some were skipped', () => {
    const { onProgress, text, wait } = meterOn({});
    onProgress({ kind: 'started', what: 'maps', total: 4 });
    onProgress({ kind: 'skipped', path: 's/a.jpg', reason: 'cannot read the picture s/a.jpg' });
    wait(500);
    onProgress({ kind: 'progress', cells: 1 });
    onProgress({ kind: 'finished', out: 'out', ms: 500, inferenceMs: 1 });
    expect(text().split('\n').slice(1)).toEqual([
      'skipped: cannot read the picture s/a.jpg',
      'maps: 25 %  1/4  2.0/s  1.5 s left',
      'maps: 1 of 4 made  in 500 ms',
      '',
    ]);
  });

  it('names ten files that were left out for one reason, and counts the others', () => {
    const { onProgress, close, text } = meterOn({});
    for (let i = 0; i < 3000; i++)
      onProgress({ kind: 'skipped', path: `x${i}.png`, reason: 'a label without a picture' });
    onProgress({ kind: 'skipped', path: 's/a.jpg', reason: 'cannot read the picture s/a.jpg' });
    close();
    close();
    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(12);
    expect(lines[9]).toBe('skipped: x9.png: a label without a picture');
    expect(lines.slice(10)).toEqual([
      'skipped: cannot read the picture s/a.jpg',
      'skipped: 2990 more files: a label without a picture',
    ]);
  });

  it('is what a dumb terminal gets', () => {
    const { onProgress, text } = meterOn({ isTTY: true, columns: 80 }, { TERM: 'dumb' });
    onProgress({ kind: 'started', what: 'maps', total: 2 });
    expect(text()).toBe('maps: 2 to make\n');
  });

  it('shows control characters in names instead of obeying them', () => {
    const { onProgress, text } = meterOn({}, { NO_COLOR: '', FORCE_COLOR: '1' });
    onProgress({ kind: 'skipped', path: 'a\u001b]0;x\u0007\rb.jpg', reason: 'no' });
    expect(text()).toBe('\u001b[33mskipped:\u001b[39m a\\u001b]0;x\\u0007\\u000db.jpg: no\n');
  });
});

it('is silent when asked to be quiet', () => {
  const { onProgress, close, text } = meterOn({ isTTY: true }, {}, true);
  onProgress({ kind: 'started', what: 'maps', total: 2 });
  onProgress({ kind: 'skipped', path: 'x', reason: 'y' });
  close();
  expect(text()).toBe('');
});
