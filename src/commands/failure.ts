// Anything thrown -> one block of text and an exit code. Users see what failed and what to do; a stack only where the
// fault is ours, or where GRADCAM_DEBUG=1 asks for it.
import { GradcamError, messageOf } from '../lib/errors.ts';
import { fileError, systemCodeOf } from '../lib/files.ts';
import { printable } from '../lib/format.ts';
import { quoteCommand } from '../lib/shell.ts';
import { packageVersion } from '../lib/version.ts';
import type { Context } from './context.ts';
import { styleFor } from './style.ts';

/** Tells of an error on stderr; returns the exit code: 1 where the user can mend it, 2 where the fault is ours. */
export function tellFailure(thrown: unknown, { stderr, env, argv }: Pick<Context, 'stderr' | 'env' | 'argv'>): 1 | 2 {
  const error = ofTheSystem(thrown);
  const { red } = styleFor(stderr, env);
  const isExpected = error instanceof GradcamError && error.exitCode === 1;
  const lines = [`${red('error:')} ${printable(messageOf(error))}`];
  if (!isExpected || env.GRADCAM_DEBUG === '1') lines.push(printable(stackOf(error)));
  if (!isExpected) {
    lines.push(
      `This is a defect of gradcam ${packageVersion()} (Node ${process.versions.node}, ${process.platform} ${process.arch}).`,
      'Please report it with the lines above and this command:',
      `  ${printable(quoteCommand(['gradcam', ...argv]))}`,
    );
  }
  stderr.write(`${lines.join('\n')}\n`);
  return isExpected ? 1 : 2;
}

/** A full disk or a missing permission is no defect, wherever it was met. */
function ofTheSystem(error: unknown): unknown {
  if (systemCodeOf(error) === null || !(error instanceof Error)) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : null;
  const full = ['ENOSPC', 'EDQUOT', 'EROFS'].includes(systemCodeOf(error) ?? '');
  return path === null ? error : fileError(error, path, full ? 'write' : 'read');
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause === undefined ? [] : [`  caused by: ${messageOf(error.cause)}`, stackOf(error.cause)];
  return [...frames, ...cause].filter((line) => line !== '').join('\n');
}
