// Progress events of the library -> what a person sees of them: a bar on a terminal, a line now and then elsewhere,
// nothing when asked to be quiet.
import type { ProgressEvent } from '../events.ts';
import { formatDuration, formatNumber, formatPercent, formatRate, printable } from '../lib/format.ts';
import type { Context, Output } from './context.ts';
import { createSkips, type Skips } from './skips.ts';
import { isTerminal, styleFor, type Style } from './style.ts';

export interface Meter {
  readonly onProgress: (event: ProgressEvent) => void;
  /** Takes the bar away. Nothing is drawn afterwards. May be called twice. */
  readonly close: () => void;
}

export interface MeterOptions {
  readonly quiet: boolean;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** The meter for the stream of progress: never the one of results. */
export function createMeter(
  { stderr, env }: Pick<Context, 'stderr' | 'env'>,
  { quiet, now = () => performance.now() }: MeterOptions,
): Meter {
  if (quiet) return { onProgress: () => undefined, close: () => undefined };
  const style = styleFor(stderr, env);
  return isTerminal(stderr, env) ? createBar(stderr, style, now) : createLines(stderr, style, now);
}

/** How far the work is, and how fast it has been over the last seconds. */
interface Pace {
  what: string;
  done: number;
  total: number;
  readonly marks: { at: number; done: number }[];
}

const WINDOW_MS = 5000;

function createPace(): Pace {
  return { what: '', done: 0, total: 0, marks: [] };
}

function begin(pace: Pace, what: string, total: number, at: number): void {
  Object.assign(pace, { what, total, done: 0 });
  pace.marks.splice(0, pace.marks.length, { at, done: 0 });
}

function advance(pace: Pace, cells: number, at: number): void {
  pace.done = Math.min(pace.total, pace.done + cells);
  pace.marks.push({ at, done: pace.done });
  while (pace.marks.length > 2 && at - (pace.marks[1]?.at ?? at) > WINDOW_MS) pace.marks.shift();
}

/** A training step: pictures of the whole run, so that the time left is the run's. */
function followStep(pace: Pace, event: Extract<ProgressEvent, { kind: 'step' }>, at: number): void {
  const { run, epoch, epochs, step, steps, pictures, loss } = event;
  const done = ((epoch - 1) * steps + step) * pictures;
  const total = epochs * steps * pictures;
  if (!pace.what.startsWith(`${run} `) || pace.total !== total) {
    begin(pace, '', total, at); // taken up where it stopped: the pace is that of now
    pace.done = done - pictures;
    pace.marks.splice(0, pace.marks.length, { at, done: pace.done });
  }
  pace.what = `${run} ${epoch}/${epochs}  loss ${formatNumber(loss)}`;
  advance(pace, pictures, at);
}

/** Units a second over the window; 0 while unknown. */
function rateOf({ marks }: Pace): number {
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return 0;
  return ((last.done - first.done) * 1000) / (last.at - first.at);
}

/** `31/56  12/s  2.1 s left`, as much of it as is known. */
function paceText(pace: Pace): string {
  const rate = rateOf(pace);
  const parts = [`${pace.done}/${pace.total}`];
  if (rate > 0) parts.push(formatRate(rate));
  if (rate > 0 && pace.done < pace.total)
    parts.push(`${formatDuration(((pace.total - pace.done) * 1000) / rate)} left`);
  return parts.join('  ');
}

/** What stays on the screen or in the log, the same for both meters; null: nothing. */
function lineOf(event: ProgressEvent, style: Style, skips: Skips): string | null {
  switch (event.kind) {
    case 'model-loaded':
      return `${event.run}: ${event.layer === undefined ? 'loaded' : `layer ${event.layer}`} ${style.dim(`(${formatDuration(event.ms)})`)}`;
    case 'warning':
      return `${style.yellow('note:')} ${event.message}`;
    case 'skipped':
      return skips.lineOf(event);
    case 'run-started':
      return event.total > 1 ? `${event.run} (${event.number} of ${event.total})` : null;
    case 'epoch':
      return epochText(event, style);
    case 'model-loading':
    case 'started':
    case 'passes':
    case 'progress':
    case 'step':
    case 'run-ended':
    case 'finished':
      return null;
  }
}

/** `lmf 3/18: loss 1.23, validation loss 1.31, macro-F1 0.612 (best)  128/s, engine busy 98 %` */
function epochText(event: Extract<ProgressEvent, { kind: 'epoch' }>, style: Style): string {
  const { run, epoch, epochs, trainLoss, valLoss, valMacroF1, best, picturesPerSecond, busy } = event;
  const parts = [`loss ${formatNumber(trainLoss)}`];
  if (valLoss !== null) parts.push(`validation loss ${formatNumber(valLoss)}`);
  if (valMacroF1 !== null) parts.push(`macro-F1 ${valMacroF1.toFixed(3)}${best ? ' (best)' : ''}`);
  const pace = `${formatRate(picturesPerSecond)}, engine busy ${formatPercent(busy, 0)}`;
  return `${run} ${epoch}/${epochs}: ${parts.join(', ')}  ${style.dim(pace)}`;
}

const REDRAW_MS = 100;

/** One line at the bottom that is rewritten in place; it hides no cursor, so that a killed process leaves the terminal whole. */
function createBar(stream: Output, style: Style, now: () => number): Meter {
  const pace = createPace();
  const skips = createSkips(style);
  let label = '';
  let drawnAt = -Infinity;
  let isShown = false;
  let isClosed = false;
  const erase = () => {
    if (isShown) stream.write('\r\u001b[K');
    isShown = false;
  };
  const draw = () => {
    const width = Math.max(10, (stream.columns ?? 80) - 1); // a full line would make some terminals scroll
    stream.write(`\r\u001b[K${label === '' ? barText(pace, width) : printable(label).slice(0, width)}`);
    isShown = true;
    drawnAt = now();
  };
  const onProgress = (event: ProgressEvent) => {
    if (isClosed) return;
    const line = lineOf(event, style, skips);
    if (line !== null) {
      erase();
      stream.write(`${sanitised(line)}\n`);
    }
    if (event.kind === 'model-loading') label = `loading ${event.run} (${event.path})`;
    else if (event.kind === 'started') {
      label = '';
      begin(pace, event.what, event.total, now());
    } else if (event.kind === 'progress') {
      label = '';
      advance(pace, event.cells, now());
    } else if (event.kind === 'step') {
      label = '';
      followStep(pace, event, now());
    } else if (event.kind === 'passes')
      label = `${event.method} of ${event.run}: ${event.done}/${event.total} passes  (${pace.done}/${pace.total} ${pace.what})`;
    else if (event.kind === 'model-loaded' && pace.total === 0) label = 'loading';
    const isFrequent = event.kind === 'progress' || event.kind === 'passes' || event.kind === 'step';
    const isDue = !isFrequent || now() - drawnAt >= REDRAW_MS;
    if (event.kind === 'finished' || event.kind === 'run-ended') erase();
    else if (isDue && (label !== '' || pace.total > 0)) draw();
  };
  const close = () => {
    erase();
    if (!isClosed) for (const line of skips.rest()) stream.write(`${sanitised(line)}\n`);
    isClosed = true;
  };
  return { onProgress, close };
}

function barText(pace: Pace, width: number): string {
  const text = `  ${paceText(pace)}`;
  const room = Math.min(40, width - pace.what.length - 1 - text.length);
  if (room < 8) return `${pace.what}${text}`.slice(0, width);
  const filled = Math.floor((room * pace.done) / Math.max(1, pace.total));
  return `${pace.what} ${'█'.repeat(filled)}${'░'.repeat(room - filled)}${text}`;
}

const LINE_MS = 5000;
/** Epochs have lines of their own; long ones give a sign of life in between. */
const STEP_LINE_MS = 30_000;

/** For logs and pipes: a line at the start and at the end, and after every tenth of the work or five seconds between. */
function createLines(stream: Output, style: Style, now: () => number): Meter {
  const pace = createPace();
  const skips = createSkips(style);
  let isClosed = false;
  let toldAt = 0;
  let toldDone = 0;
  let startedAt = 0;
  const tell = (text: string) => stream.write(`${sanitised(text)}\n`);
  const onProgress = (event: ProgressEvent) => {
    if (isClosed) return;
    const line = lineOf(event, style, skips);
    if (line !== null) tell(line);
    if (event.kind === 'model-loading') tell(`loading ${event.run} (${event.path})`);
    else if (event.kind === 'started') {
      startedAt = toldAt = now();
      toldDone = 0;
      begin(pace, event.what, event.total, startedAt);
      tell(`${event.what}: ${event.total} to make`);
    } else if (event.kind === 'progress') {
      advance(pace, event.cells, now());
      const isEnd = pace.done === pace.total;
      if (!isEnd && pace.done - toldDone < pace.total / 10 && now() - toldAt < LINE_MS) return;
      toldAt = now();
      toldDone = pace.done;
      const elapsed = isEnd ? `  in ${formatDuration(now() - startedAt)}` : '';
      tell(`${pace.what}: ${formatPercent(pace.done / pace.total, 0)}  ${paceText(pace)}${elapsed}`);
    } else if (event.kind === 'step') {
      followStep(pace, event, now());
      if (now() - toldAt < STEP_LINE_MS) return;
      toldAt = now();
      tell(`${pace.what}  ${paceText(pace)}`);
    } else if (event.kind === 'finished' && pace.done < pace.total) {
      tell(`${pace.what}: ${pace.done} of ${pace.total} made  in ${formatDuration(now() - startedAt)}`); // some were skipped
    }
  };
  const close = () => {
    if (!isClosed) for (const line of skips.rest()) tell(line);
    isClosed = true;
  };
  return { onProgress, close };
}

/** Names of files and classes may hold anything; colours of ours stay. */
function sanitised(line: string): string {
  return line.replace(/(\u001b\[\d+m)|[^\u001b]+|\u001b/g, (part, colour?: string) => colour ?? printable(part));
}
