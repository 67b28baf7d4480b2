// The table of targets: what each is called on the command line, and what makes it.
import { classLogit } from './targets/class-logit.ts';
import { classProbability } from './targets/class-probability.ts';
import { counterfactual } from './targets/counterfactual.ts';
import { difference } from './targets/difference.ts';
import { similarity } from './targets/similarity.ts';

export const targets = {
  'class-logit': { flag: '--target CLASS', make: () => classLogit },
  'class-probability': { flag: '--score probability', make: classProbability },
  difference: { flag: '--against CLASS|next', make: difference },
  counterfactual: { flag: '--counterfactual', make: counterfactual },
  similarity: { flag: '--target similar:FILE', make: similarity },
} as const;
