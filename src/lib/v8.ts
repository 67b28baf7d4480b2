// V8 set up for commands, which live for a second or a minute. Its own settings suit servers: on two cores, Node 20's
// optimising compiler takes the second one for most of the time in which a model is read. Only what starts the process may do
// this, never the library.
import { setFlagsFromString } from 'node:v8';

/**
 * How much of a function runs before it is optimised, six times V8's own: a number that V8 looks up each time it needs it,
 * so that it may change while it runs.
 */
const LATER = '--interrupt-budget=400000';
/** Node 20's. Later ones know no such flag, which they would say on stderr, and optimise later by themselves. */
const EAGER = 11;

/** Sets V8 up for a command: SavedModels load in about nine tenths of the time (bench/README.md). */
export function tuneV8(version = process.versions.v8): void {
  if (Number.parseInt(version, 10) === EAGER) setFlagsFromString(LATER);
}
