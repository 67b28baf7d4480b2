// V8 set up for commands, which live for a second or a minute. Its own settings suit servers: on two cores, Node 20's
// optimising compiler holds the second one while a model is read, and the young generation starts so small that a few
// thousand nodes of a graph fill it several times. Only what starts the process may do this, never the library.
import { setFlagsFromString } from 'node:v8';

/**
 * Numbers that V8 looks up each time it needs them, so that they may change while it runs. By V8's major version: a later one
 * may have neither flag, and would say so on stderr; those of Node 25 and later need none.
 */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  // Node 20: how much of a function runs before it is optimised, four times V8's own.
  11: ['--interrupt-budget=250000', '--semi-space-growth-factor=16'],
  // Node 22 and 24, which optimise later by themselves.
  12: ['--semi-space-growth-factor=16'],
  13: ['--semi-space-growth-factor=16'],
};

/** Sets V8 up for a command: models load in about nine tenths of the time (bench/README.md). */
export function tuneV8(version = process.versions.v8): void {
  const [major = ''] = version.split('.');
  for (const flag of FLAGS[major] ?? []) setFlagsFromString(flag);
}
