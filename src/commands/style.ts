// Colours for a stream, or none: NO_COLOR and FORCE_COLOR are obeyed, else a terminal gets colours.
import type { Context, Output } from './context.ts';

export interface Style {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly dim: (text: string) => string;
}

export function styleFor(stream: Output, env: Context['env']): Style {
  const paint = (open: number, close: number) =>
    hasColours(stream, env) ? (text: string) => `\u001b[${open}m${text}\u001b[${close}m` : (text: string) => text;
  return { red: paint(31, 39), yellow: paint(33, 39), green: paint(32, 39), dim: paint(2, 22) };
}

/** Whether lines can be rewritten in place. */
export function isTerminal(stream: Output, env: Context['env']): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** https://no-color.org: any value but the empty one counts. FORCE_COLOR=0 means no colours too. */
function hasColours(stream: Output, env: Context['env']): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '') return env.FORCE_COLOR !== '0';
  return isTerminal(stream, env);
}
