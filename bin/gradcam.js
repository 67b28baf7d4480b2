#!/usr/bin/env node
// Starts the compiled command line. A clone whose install scripts were switched off has not been compiled yet:
// that is done here, once, before the first command.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const entry = new URL('dist/cli.js', root);
if (!existsSync(entry)) compile();
const { main } = await import(entry.href);
await main(process.argv);

function compile() {
  const project = fileURLToPath(new URL('tsconfig.build.json', root));
  let compiler;
  try {
    compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  } catch {
    process.stderr.write('gradcam: this clone is not compiled and TypeScript is not installed. Run: npm ci\n');
    process.exit(1);
  }
  process.stderr.write('gradcam: compiling, once\n');
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(2);
}
