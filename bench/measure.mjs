// Timing shared by the benchmarks: interleaved runs, medians, ratios within one run.

/** Median of a list of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Times each of `work` (name -> async function) `rounds` times, turn by turn, the order turned round every other round, so
 * that other load on the machine falls on all alike. Returns name -> milliseconds, one per round, warm-up left out.
 */
export async function interleave(work, { rounds, warmups = 2 }) {
  const times = Object.fromEntries(Object.keys(work).map((name) => [name, []]));
  for (let round = 0; round < rounds + warmups; round++) {
    const names = Object.keys(work);
    if (round % 2 === 1) names.reverse();
    for (const name of names) {
      const started = performance.now();
      await work[name]();
      if (round >= warmups) times[name].push(performance.now() - started);
    }
  }
  return times;
}

/**
 * Median of the ratios of neighbouring turns. Of two rounds together: what runs twice in a row finds its own memory in the
 * cache, and does so in every other round, once on this side and once on that.
 */
export function ratio(times, base) {
  if (times.length === 1) return times[0] / base[0];
  return median(times.slice(1).map((time, round) => (times[round] + time) / (base[round] + base[round + 1])));
}

/** A Markdown table. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export const ms = (value) => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
