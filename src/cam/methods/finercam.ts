// Finer-CAM. Zhang et al. 2025, "Finer-CAM: Spotting the Difference Reveals Finer Details for Visual Explanation",
// arXiv 2501.11309: Grad-CAM of what sets the class apart from those most like it.
//   S = sum_d p_d (y_c - a y_d) / sum_d p_d        (as the authors contributed it to pytorch-grad-cam; eq. 5 weighs alike)
//   L = ReLU( sum_k mean_ij (dS / dA_k_ij) A_k )
// d: the REFERENCES classes whose logits are nearest to y_c; p: softmax of the logits, through which the gradient flows; a = 1.
// The target's own kind does not matter here: the score is made of the logits.
import { tf } from '../../tf/tfjs.ts';
import { summed } from '../rectified.ts';

const REFERENCES = 3;
const STRENGTH = 1;
/** As in pytorch-grad-cam. */
const EPSILON = 1e-9;

export const finercam = summed({
  id: 'finercam',
  title: 'Finer-CAM',
  paper: 'Zhang et al. 2025, arXiv 2501.11309',
  needs: 'gradients',
  caveat: 'Finer-CAM explains what sets the class apart from the three with the nearest logits, not the logit itself.',
  terms(cam) {
    const alpha = tf.mean(cam.gradientsOf({ score: difference }), [1, 2], true);
    return tf.mul<tf.Tensor4D>(alpha, cam.activations);
  },
});

function difference(logits: tf.Tensor2D, classIndex: tf.Tensor1D): tf.Tensor1D {
  const classes = logits.shape[1];
  const target = tf.oneHot(classIndex, classes);
  const score = tf.sum(tf.mul(logits, target), 1, true); // [batch, 1]
  const weights = tf.mul(tf.softmax(logits), nearest(logits, target, Math.min(REFERENCES, classes - 1)));
  const sum = tf.sum(tf.mul(weights, tf.sub(score, tf.mul(logits, STRENGTH))), 1);
  return tf.div(sum, tf.add(tf.sum(weights, 1), EPSILON));
}

/** 1 at the `count` classes whose logits are nearest to the target's, `[batch, classes]`. No gradient flows through the choice. */
function nearest(logits: tf.Tensor2D, target: tf.Tensor, count: number): tf.Tensor2D {
  const { shape } = logits;
  return tf.customGrad((z) => {
    const values = z as tf.Tensor2D;
    const classes = values.shape[1];
    const score = tf.sum(tf.mul(values, target), 1, true);
    let closeness: tf.Tensor = tf.sub(tf.neg(tf.abs(tf.sub(values, score))), tf.mul(tf.cast(target, 'float32'), FAR));
    let chosen: tf.Tensor = tf.zeros(shape);
    for (let turn = 0; turn < count; turn++) {
      const pick = tf.cast(tf.oneHot(tf.argMax<tf.Tensor1D>(closeness, 1), classes), 'float32');
      chosen = tf.add(chosen, pick);
      closeness = tf.sub(closeness, tf.mul(pick, FAR));
    }
    return { value: chosen, gradFunc: () => tf.zeros(shape) };
  })(logits) as tf.Tensor2D;
}

/** Farther than any two logits are apart. */
const FAR = 1e30;
