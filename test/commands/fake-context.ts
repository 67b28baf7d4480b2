// A context whose streams are remembered and whose library answers what the test wants.
import type { Context, Output } from '../../src/commands/context.ts';
import type { Library } from '../../src/commands/library.ts';
import { runCommand } from '../../src/cli.ts';
import type { Report, ReportCell } from '../../src/report/report.ts';

export interface Recorded extends Output {
  readonly text: () => string;
}

export function recorder(terminal: Pick<Output, 'isTTY' | 'columns'> = {}): Recorded {
  let text = '';
  return { ...terminal, write: (more: string) => (text += more), text: () => text };
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly isLibraryLoaded: boolean;
}

/** Runs a command line in this process. */
export async function run(
  args: readonly string[],
  library: Partial<Library> = {},
  env: Context['env'] = {},
): Promise<Outcome> {
  const [stdout, stderr] = [recorder(), recorder()];
  let isLibraryLoaded = false;
  const code = await runCommand({
    stdout,
    stderr,
    env,
    argv: args,
    library: (part) => {
      isLibraryLoaded = true;
      return Promise.resolve((library as Library)[part]);
    },
    signal: new AbortController().signal,
    atInterrupt: () => undefined,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text(), isLibraryLoaded };
}

export function cellWith(map: string | null, note: string | null = null): ReportCell {
  return {
    sample: 'a',
    run: 'ce',
    method: 'gradcam',
    target: null,
    predicted: null,
    top: [],
    logit: null,
    correct: null,
    map,
    range: null,
    scaleMax: null,
    placement: null,
    overlay: null,
    input: null,
    metrics: null,
    note,
  };
}

export function reportWith(parts: Partial<Report>): Report {
  return {
    schema: 'gradcam/report@1',
    tool: { name: 'gradcam', version: '0', libraries: {} },
    created: '2025-01-01T00:00:00.000Z',
    command: 'gradcam compare',
    options: {
      models: ['m'],
      images: ['s'],
      labels: null,
      masks: null,
      target: 'label',
      layer: {},
      method: ['gradcam'],
      scale: 'per-map',
      colormap: 'viridis',
      alpha: 0.5,
      batch: 8,
      threads: null,
      inputs: {},
      showInput: false,
      faithfulness: [],
      sanity: false,
      permuted: {},
      engine: 'auto',
    },
    methods: [],
    runs: [],
    samples: [],
    cells: [cellWith('maps/a/ce.npy')],
    mapMetrics: { masks: null, columns: [], pairs: [] },
    sanity: null,
    skipped: [],
    timings: { totalMs: 3210, mapsMs: 3100, inferenceMs: 3000 },
    warnings: [],
    notes: [],
    ...parts,
  };
}
