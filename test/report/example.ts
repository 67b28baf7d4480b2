// A small report made in memory, and one full of names that try to be something else than text.
import type { Report, ReportCell, ReportRun, ReportSample } from '../../src/report/report.ts';

export function exampleRun(id: string, more: Partial<ReportRun> = {}): ReportRun {
  return {
    id,
    name: id.toUpperCase(),
    path: `runs/${id}`,
    format: 'onnx',
    sha256: 'ab'.repeat(32),
    classes: ['mel', 'nv'],
    layer: { name: 'layer4', shape: [2, 3, 16] },
    assumed: [],
    loss: id,
    synthetic: false,
    logitScale: 1,
    input: {
      size: [64, 96],
      resize: 'squash',
      shortSide: null,
      scale: [0, 1],
      mean: [0, 0, 0],
      std: [1, 1, 1],
      channels: 'rgb',
    },
    metrics: null,
    ...more,
  };
}

export function exampleSample(id: string, more: Partial<ReportSample> = {}): ReportSample {
  return {
    id,
    path: `samples/${id}.jpg`,
    picture: `pictures/${id}.jpg`,
    width: 96,
    height: 64,
    label: 'nv',
    sha256: 'cd'.repeat(32),
    mask: null,
    ...more,
  };
}

export function exampleCell(sample: string, run: string, more: Partial<ReportCell> = {}): ReportCell {
  return {
    sample,
    run,
    method: 'gradcam',
    target: { index: 1, name: 'nv' },
    predicted: { index: 1, name: 'nv', probability: 0.93 },
    top: [
      { index: 1, name: 'nv', probability: 0.93 },
      { index: 0, name: 'mel', probability: 0.07 },
    ],
    logit: 2.5,
    correct: true,
    map: `maps/${sample}/${run}.npy`,
    range: [0, 0.25],
    scaleMax: 0.25,
    placement: { x: 0, y: 0, width: 96, height: 64 },
    overlay: `overlays/${sample}/${run}.png`,
    input: null,
    metrics: null,
    note: null,
    ...more,
  };
}

export function exampleReport(more: Partial<Report> = {}): Report {
  return {
    schema: 'gradcam/report@1',
    tool: { name: 'gradcam', version: '1.2.3', libraries: { 'onnxruntime-node': '1.30.0' } },
    created: '2025-01-02T03:04:05.000Z',
    command: 'npx gradcam compare --models runs/ce runs/lmf --images samples',
    options: {
      models: ['runs/ce', 'runs/lmf'],
      images: ['samples'],
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
      engine: 'cpu',
      inputs: {},
      showInput: false,
      faithfulness: [],
      sanity: false,
      permuted: {},
    },
    methods: [{ id: 'gradcam', title: 'Grad-CAM', paper: 'Selvaraju et al., 2017, arXiv:1610.02391' }],
    runs: [exampleRun('ce'), exampleRun('lmf')],
    samples: [exampleSample('a'), exampleSample('b')],
    cells: ['a', 'b'].flatMap((sample) => ['ce', 'lmf'].map((run) => exampleCell(sample, run))),
    mapMetrics: { masks: null, columns: [], pairs: [] },
    sanity: null,
    skipped: [],
    timings: { totalMs: 2000, mapsMs: 1800, inferenceMs: 1500 },
    warnings: [],
    notes: [],
    ...more,
  };
}

/** Texts that would break out of markup, attributes, URLs or the layout if they were taken for anything but text. */
export const hostileTexts: readonly string[] = [
  '<script>window.broken = 1</script>',
  '"><img src=x onerror="window.broken = 2">',
  "' onmouseover='window.broken = 3",
  '</style><script>window.broken = 4</script>',
  '</noscript></script><svg onload="window.broken = 5">',
  '{{constructor}} {{{raw}}} ${1} <!-- --> ]]> &amp; &#60;',
  'javascript:window.broken=6',
  'a b#c?d=e%20f+g&h:i;j',
  '👩🏽‍⚕️ 日本語 é e\u0301',
  '\u202etxet tfel-ot-thgir \u05d0\u05d1\u05d2 العربية',
  'x'.repeat(10_000),
  'word '.repeat(2_000),
  '\u0000\u0007\u001b[31m\ud800 lone',
  '',
];

/** A report with a hostile text in every place where a user, a file or a model may put one. */
export function hostileReport(): Report {
  const runs = hostileTexts.slice(0, 4).map((text, i) =>
    exampleRun(`run${i}`, {
      name: text,
      path: text,
      format: text,
      loss: hostileTexts[10] ?? null,
      classes: hostileTexts,
      layer: { name: text, shape: [2, 3, 16] },
      assumed: hostileTexts,
      synthetic: i === 0,
      metrics: {
        [text]: 0.5,
        accuracy: 0.25,
        perClassF1: Object.fromEntries(hostileTexts.map((key) => [key, 0.5])),
        confusion: hostileTexts.map(() => hostileTexts.map(() => i)),
        split: text,
        deep: { text, list: hostileTexts },
        ['__proto__']: text,
        constructor: text,
      },
    }),
  );
  const samples = hostileTexts.map((text, i) =>
    exampleSample(text, { path: text, picture: `pictures/p ${i}#?%'"é.jpg`, label: text }),
  );
  const cells = samples.flatMap((sample, i) =>
    runs.map((run) =>
      exampleCell(sample.id, run.id, {
        target: { index: i, name: hostileTexts[i] ?? '' },
        predicted: { index: 0, name: hostileTexts[(i + 1) % hostileTexts.length] ?? '', probability: 0.5 },
        correct: false,
        note: sample.id,
        map: `maps/m ${i}#?%'"é.npy`,
        overlay: i % 2 === 0 ? null : `overlays/o ${i}#?%'"é.png`,
      }),
    ),
  );
  const text = hostileTexts.join(' ');
  return exampleReport({
    tool: { name: 'gradcam', version: text, libraries: { [text]: text } },
    command: text,
    created: text,
    runs,
    samples,
    cells,
    methods: [{ id: 'gradcam', title: text, paper: text }],
    skipped: hostileTexts.map((path) => ({ path, reason: path })),
    warnings: hostileTexts,
    notes: hostileTexts,
  });
}
