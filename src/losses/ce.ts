// Cross-entropy, the negative log likelihood of the label.
//   L = -log softmax(z)_y
// z: logits [classes]; y: label. No options.
import type { Loss } from './loss.ts';
import { LossOptions } from './options.ts';
import { labelledCosts, meanCost } from './terms.ts';

export const ce: Loss = {
  id: 'ce',
  title: 'CE',
  paper: 'Bishop 2006, Pattern Recognition and Machine Learning, eq. 4.108',
  labels: 'class',
  head: 'linear',
  draws: false,
  options: {},
  logitScale: () => 1,
  build(options = {}) {
    new LossOptions('ce', options).end();
    return (labels, logits, extras = {}) => meanCost(labelledCosts(labels, logits), null, extras, 'weighted');
  },
};
