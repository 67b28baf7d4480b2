// What the tests of an evaluation say, in plain words.
import { formatCount } from '../../lib/format.ts';
import type { Evaluation, EvaluationPair } from './evaluation.ts';

const LEVEL = 0.05;
/** More pairs than these are counted, not told one by one. */
const MOST_TOLD = 6;

/** One sentence for intervals, for all runs at once, for pairs that differ, for seeds. Empty with one run and no bootstrap. */
export function testSentences(evaluation: Evaluation): string[] {
  return [...intervalSentence(evaluation), ...pairSentences(evaluation), ...seedSentences(evaluation)];
}

/** Formats whose title says nothing about the data. */
const NAMELESS = ['csv', 'imagefolder', 'labels'];

/** The dataset's title, or the name of its folder or table. */
export function dataName({ dataset, title, root }: Evaluation['data']): string {
  const name = root.split(/[/\\]/).findLast((part) => part !== '' && part !== '.');
  return NAMELESS.includes(dataset) ? (name ?? root) : title;
}

/** `p = 0.013`, `p < 0.0001`. */
export function pText(p: number): string {
  return p < 0.0001 ? 'p < 0.0001' : `p = ${p.toFixed(p < 0.01 ? 4 : 3)}`;
}

function intervalSentence({ options, data }: Evaluation): string[] {
  if (options.bootstrap === 0) return [];
  const kind = options.interval === 'bca' ? 'BCa' : 'percentile';
  const drawn = data.groups === null ? 'pictures' : 'lesions or patients';
  const within = data.multiLabel ? '' : ' within each class';
  return [
    `Intervals: ${Math.round(options.level * 100)} %, ${kind} bootstrap, ${drawn} drawn ${options.bootstrap} times${within}; they are about other test pictures, not about training again.`,
  ];
}

function pairSentences({ tests, runs }: Evaluation): string[] {
  if (tests === null) return [];
  const nameOf = (id: string): string => runs.find(({ run }) => run === id)?.name ?? id;
  const said: string[] = [];
  if (tests.cochran !== null) {
    const verdict = tests.cochran.p < LEVEL ? 'differ' : 'are not shown to differ';
    said.push(
      `Accuracy: the ${runs.length} runs ${verdict} (Cochran's Q ${tests.cochran.q.toFixed(2)}, ${pText(tests.cochran.p)}).`,
    );
  }
  said.push(
    ...verdicts(
      'accuracy',
      'McNemar',
      tests.pairs.map((pair) => accuracyOf(pair, nameOf)),
    ),
  );
  if (tests.pairs.some(({ differences }) => differences !== null))
    said.push(
      ...verdicts(
        'macro F1',
        'paired bootstrap',
        tests.pairs.map((pair) => f1Of(pair, nameOf)),
      ),
    );
  return said;
}

interface Told {
  readonly p: number | null;
  readonly text: string;
}

function accuracyOf({ first, second, mcnemar }: EvaluationPair, nameOf: (id: string) => string): Told {
  const [better, worse] = mcnemar.onlyFirst >= mcnemar.onlySecond ? [first, second] : [second, first];
  const [most, least] = [mcnemar.onlyFirst, mcnemar.onlySecond].sort((a, b) => b - a) as [number, number];
  const text = `${nameOf(better)} is right more often than ${nameOf(worse)} (alone on ${most} against ${least} pictures, ${pText(mcnemar.adjustedP)})`;
  return { p: mcnemar.adjustedP, text };
}

function f1Of({ first, second, differences }: EvaluationPair, nameOf: (id: string) => string): Told {
  const { value = null, adjustedP = null } = differences?.f1 ?? {};
  if (value === null || adjustedP === null) return { p: null, text: '' };
  const [better, worse] = value >= 0 ? [first, second] : [second, first];
  return {
    p: adjustedP,
    text: `${nameOf(better)} is above ${nameOf(worse)} by ${Math.abs(value).toFixed(3)} (${pText(adjustedP)})`,
  };
}

function verdicts(what: string, test: string, pairs: readonly Told[]): string[] {
  const found = pairs.filter(({ p }) => p !== null && p < LEVEL);
  const how = pairs.length > 1 ? `${test}, Holm over ${formatCount(pairs.length, 'pair')}` : test;
  const start = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  if (found.length === 0) return [`${start}: no difference between two runs is shown (${how}).`];
  if (found.length > MOST_TOLD) return [`${start}: ${found.length} of ${pairs.length} pairs of runs differ (${how}).`];
  return [`${start}: ${found.map(({ text }) => text).join('; ')} (${how}).`];
}

function seedSentences({ seeds }: Evaluation): string[] {
  if (seeds === null) return [];
  const told = seeds.differences.map(({ first, second, value, deviation, exceeds }) => {
    const [better, worse] = value >= 0 ? [first, second] : [second, first];
    const size = `${Math.abs(value).toFixed(3)} against ${deviation.toFixed(3)}`;
    return exceeds
      ? `${better} is above ${worse} by more than seeds differ (${size})`
      : `${better} and ${worse} differ by no more than seeds do (${size})`;
  });
  const lone = seeds.groups.filter(({ runs }) => runs.length === 1).map(({ loss }) => loss);
  const alone = lone.length === 0 ? [] : [`${lone.join(', ')}: one seed only, nothing to measure a difference by.`];
  if (told.length === 0) return alone;
  return [`Macro F1, mean over seeds against the deviation between seeds: ${told.join('; ')}.`, ...alone];
}
