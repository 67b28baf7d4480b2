// The gallery shows what its commands make: its pictures are there, its options exist, its tables are those of the program.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { venues } from '../../src/figure/venues.ts';
import { run } from '../commands/fake-context.ts';

const page = readFileSync(new URL('../../docs/gallery.md', import.meta.url), 'utf8');

describe('docs/gallery.md', () => {
  it('shows small pictures that exist', () => {
    const pictures = Array.from(page.matchAll(/!\[.{20,}\]\((gallery\/.*)\)/g), ([, file]) => file ?? '');
    expect(pictures).toHaveLength(7);
    for (const picture of pictures) {
      const file = new URL(`../../docs/${picture}`, import.meta.url);
      expect(existsSync(file)).toBe(true);
      expect(statSync(file).size).toBeLessThan(250_000);
    }
  });

  it('has commands that the program takes', async () => {
    const commands = Array.from(page.matchAll(/^npx gradcam (figure .*)$/gm), ([, words]) => (words ?? '').split(' '));
    expect(commands).toHaveLength(4);
    const made = {
      files: [],
      width: 1,
      height: 1,
      dpi: 1,
      samples: [],
      selection: '',
      caption: '',
      command: '',
      warnings: [],
    };
    for (const words of commands) {
      const { code, stderr } = await run(words, { makeFigure: vi.fn().mockResolvedValue(made) });
      expect([code, stderr]).toEqual([0, '']);
    }
  });

  it('lists every venue with its width', () => {
    for (const { id, width, dpi, fontSize } of Object.values(venues)) {
      const line = page
        .split('\n')
        .find(
          (candidate) =>
            candidate.includes(`\`${id}\``) && candidate.includes(' dpi') === false && candidate.startsWith('|'),
        );
      expect(line).toContain(String(width));
      expect(line).toContain(`| ${dpi} | ${fontSize} pt |`);
    }
  });
});
