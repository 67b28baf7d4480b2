// The score that is explained of a run, from the options: its class indices, its kind of probability, its reference picture.
import { classIndex, type ClassHead } from './classes.ts';
import type { Target } from './cam/target.ts';
import { classLogit } from './cam/targets/class-logit.ts';
import { classProbability } from './cam/targets/class-probability.ts';
import { counterfactual } from './cam/targets/counterfactual.ts';
import { difference, NEXT } from './cam/targets/difference.ts';
import { similarity } from './cam/targets/similarity.ts';
import { unknownName } from './lib/names.ts';
import type { MapChoices } from './map-choices.ts';
import { openNetwork, type NetworkOptions } from './network.ts';

export interface RunTarget {
  readonly target: Target;
  /** The class that the explained one is set against, for the report; null where there is none, or it is the next best. */
  readonly against: { readonly index: number; readonly name: string } | null;
}

export interface TargetChoice extends Pick<MapChoices, 'counterfactual' | 'against' | 'score'> {
  /** Picture that pictures are compared with; null: classes are explained. */
  readonly similarTo: string | null;
}

export const plainTarget: TargetChoice = { counterfactual: false, against: null, score: 'logit', similarTo: null };

/** Throws GradcamError: `unknown-class` where the run has no such class, and what reading the reference picture throws. */
export async function targetOf(
  choice: TargetChoice,
  head: ClassHead,
  network: Omit<NetworkOptions, 'target'>,
): Promise<RunTarget> {
  if (choice.similarTo !== null) {
    const target = similarity(await embeddingOf(choice.similarTo, network));
    return { target: choice.counterfactual ? counterfactual(target) : target, against: null };
  }
  const probability = head.logits === 1 || head.activation === 'sigmoid' ? 'sigmoid' : 'softmax';
  const single =
    choice.score === 'logit' ? classLogit : classProbability({ activation: probability, logitScale: head.logitScale });
  const against = againstOf(choice.against, head);
  const target = against === null ? single : difference(single, against);
  return {
    target: choice.counterfactual ? counterfactual(target) : target,
    against: typeof against === 'number' ? { index: against, name: head.classes[against]! } : null,
  };
}

function againstOf(wanted: string | null, head: ClassHead): number | typeof NEXT | null {
  if (wanted === null || wanted === NEXT) return wanted;
  const index = classIndex(wanted, head);
  if (index < 0) throw unknownName('class', wanted, [NEXT, ...head.classes]);
  return index;
}

/** The model's output for a picture. */
async function embeddingOf(file: string, options: Omit<NetworkOptions, 'target'>): Promise<Float32Array> {
  const { decodePicture } = await import('./image/codec.ts'); // decoders are loaded where pictures are worked on, else in workers
  const { prepareInput } = await import('./image/prepare.ts');
  const network = openNetwork({ ...options, target: classLogit });
  try {
    const { data } = prepareInput(await decodePicture(file), options.prepared.prepare);
    const { logits } = await network.score([data], 1, -1);
    const output = logits[0]!;
    return output.length === 1 ? Float32Array.of(-output[0]!, output[0]!) : output;
  } finally {
    await network.close();
  }
}
