// Turned around the middle; corners are filled by reflection.
import { placed, type Augmentation } from './augmentation.ts';

export const rotate: Augmentation = {
  id: 'rotate',
  title: 'Rotation, evenly between -degrees and degrees',
  settings: { degrees: [20, 0, 180] },
  plan(plan, { degrees }, random) {
    const angle = (random.between(-degrees!, degrees!) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return placed(plan, [cos, -sin, 0, sin, cos, 0]);
  },
};
