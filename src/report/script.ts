// templates/page/*.js -> one script for the page. The files are ES modules so that each has its own scope and tests can
// import it; a page opened from a folder cannot load modules, so each becomes a function, after those that it imports.
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GradcamError } from '../lib/errors.ts';

const importStatement = /^import (\{[^}]*\}) from '\.\/([\w-]+\.js)';$/gm;
const exportStatement = /^export ((?:async )?(?:function|const|class) (\w+))/gm;

/**
 * The script that runs `entry` of `folder`: `const grid = (() => { ...; return { axisOf }; })();` for each module.
 * Imports and exports are of the plain named kind; anything else is an error of ours.
 */
export async function joinModules(folder: string, entry: string): Promise<string> {
  const modules = new Map<string, string>();
  const visit = async (file: string): Promise<void> => {
    if (modules.has(file)) return;
    const source = await readFile(join(folder, file), 'utf8');
    for (const [, , imported] of source.matchAll(importStatement)) await visit(imported ?? '');
    modules.set(file, wrapped(file, source));
  };
  await visit(entry);
  const script = `'use strict';\n${[...modules.values()].join('')}`;
  if (/<\/script|<!--/i.test(script) || /^(import|export)\b/m.test(script)) {
    throw new GradcamError({
      code: 'bad-page-script',
      what: `the page's script cannot be put together from ${folder}`,
      expected: 'modules with plain named imports and exports, and no text that ends a script element',
      exitCode: 2,
    });
  }
  return script;
}

function wrapped(file: string, source: string): string {
  const exported = Array.from(source.matchAll(exportStatement), ([, , name]) => name).join(', ');
  const body = source
    .replace(importStatement, (_, names: string, from: string) => `const ${names} = ${moduleName(from)};`)
    .replace(exportStatement, '$1');
  return `const ${moduleName(file)} = (() => {\n${body}\nreturn { ${exported} };\n})();\n`;
}

/** `grid.js` -> `gridModule`. */
function moduleName(file: string): string {
  return `${basename(file, '.js').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Module`;
}
