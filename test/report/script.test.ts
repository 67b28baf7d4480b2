import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext, Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { joinModules } from '../../src/report/script.ts';

async function joined(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'report-script-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await joinModules(folder, 'main.js');
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('joinModules', () => {
  it('runs modules in order, each once, each with its own names', async () => {
    const script = await joined({
      'main.js':
        "import { b } from './b.js';\nimport {\n  a,\n} from './a.js';\nconst own = 1;\nresult.push(a(), b(), own);",
      'a.js': "const own = 2;\nresult.push('a');\nexport function a() { return own; }",
      'b.js': "import { a } from './a.js';\nconst own = 3;\nresult.push('b');\nexport const b = () => a() + own;",
    });
    const result: unknown[] = [];
    runInNewContext(script, { result });
    expect(result).toEqual(['a', 'b', 2, 5, 1]);
  });

  it('refuses what it does not understand, and text that would end the script', async () => {
    await expect(joined({ 'main.js': "import * as a from './a.js';" })).rejects.toMatchObject({
      code: 'bad-page-script',
    });
    await expect(joined({ 'main.js': "const a = '</script>';" })).rejects.toMatchObject({ code: 'bad-page-script' });
  });

  it('makes a valid script of the page', async () => {
    const folder = fileURLToPath(new URL('../../templates/page/', import.meta.url));
    const script = await joinModules(folder, 'main.js');
    expect(() => new Script(script)).not.toThrow();
  });
});
