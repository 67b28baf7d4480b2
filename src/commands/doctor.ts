// gradcam doctor: which engines run on this machine, and why the others do not.
import { cpus, totalmem } from 'node:os';
import type { Command } from 'commander';
import type { EngineReport } from '../doctor.ts';
import { formatCount, printable } from '../lib/format.ts';
import { packageVersion } from '../lib/version.ts';
import type { Context } from './context.ts';
import { styleFor } from './style.ts';

export function declareDoctor(program: Command, context: Context): void {
  program
    .command('doctor')
    .summary('list the engines found on this machine')
    .description('Lists the engines found on this machine, and says why the others are not.')
    .option('--json', 'print an array of {id, title, available}')
    .action(async ({ json = false }: { json?: boolean }) => {
      const listEngines = await context.library('listEngines');
      const engines = await listEngines();
      context.stdout.write(json ? `${JSON.stringify(engines, null, 2)}\n` : `${engineTable(engines, context)}\n`);
    });
}

function engineTable(engines: readonly EngineReport[], { stdout, env }: Context): string {
  const { green, dim } = styleFor(stdout, env);
  const width = Math.max(...engines.map(({ id }) => id.length));
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const lines = engines.map(({ id, title, available }) =>
    available === true
      ? `${green('yes')}  ${id.padEnd(width)}  ${title}`
      : `${dim('no ')}  ${id.padEnd(width)}  ${title}\n${' '.repeat(width + 7)}${dim(printable(available))}`,
  );
  const machine = `${process.platform} ${process.arch}, ${formatCount(cpus().length, 'core')}, ${memory}`;
  return [`gradcam ${packageVersion()}, Node ${process.versions.node}, ${machine}`, '', ...lines].join('\n');
}
