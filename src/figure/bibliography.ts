// BibTeX of what a figure uses: methods by their id, losses by theirs. Plain data; a method that is not listed is cited by
// what the report says of its paper.
import type { ReportMethod } from '../report/report.ts';
import { escapeTex } from './latex.ts';

export interface Reference {
  readonly key: string;
  readonly bibtex: string;
}

function entry(kind: string, key: string, fields: Readonly<Record<string, string>>): Reference {
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(9)} = {${value}},`);
  return { key, bibtex: `@${kind}{${key},\n${lines.join('\n')}\n}\n` };
}

function arxiv(key: string, author: string, title: string, year: string, number: string): Reference {
  return entry('article', key, { author, title, journal: `arXiv preprint arXiv:${number}`, year });
}

const eigen = arxiv(
  'muhammad2020eigencam',
  'Muhammad, Mohammed Bany and Yeasin, Mohammed',
  '{Eigen-CAM}: Class Activation Map using Principal Components',
  '2020',
  '2008.00299',
);

const methods: Readonly<Record<string, Reference>> = {
  gradcam: entry('inproceedings', 'selvaraju2017gradcam', {
    author:
      'Selvaraju, Ramprasaath R. and Cogswell, Michael and Das, Abhishek and Vedantam, Ramakrishna and Parikh, Devi and Batra, Dhruv',
    title: '{Grad-CAM}: Visual Explanations from Deep Networks via Gradient-Based Localization',
    booktitle: 'IEEE International Conference on Computer Vision (ICCV)',
    year: '2017',
  }),
  'gradcam++': entry('inproceedings', 'chattopadhay2018gradcampp', {
    author: 'Chattopadhay, Aditya and Sarkar, Anirban and Howlader, Prantik and Balasubramanian, Vineeth N.',
    title: '{Grad-CAM++}: Generalized Gradient-Based Visual Explanations for Deep Convolutional Networks',
    booktitle: 'IEEE Winter Conference on Applications of Computer Vision (WACV)',
    year: '2018',
  }),
  hirescam: arxiv(
    'draelos2020hirescam',
    'Draelos, Rachel Lea and Carin, Lawrence',
    'Use {HiResCAM} instead of {Grad-CAM} for faithful explanations of convolutional neural networks',
    '2020',
    '2011.08891',
  ),
  layercam: entry('article', 'jiang2021layercam', {
    author: 'Jiang, Peng-Tao and Zhang, Chang-Bin and Hou, Qibin and Cheng, Ming-Ming and Wei, Yunchao',
    title: '{LayerCAM}: Exploring Hierarchical Class Activation Maps for Localization',
    journal: 'IEEE Transactions on Image Processing',
    volume: '30',
    year: '2021',
    doi: '10.1109/TIP.2021.3089943',
  }),
  xgradcam: arxiv(
    'fu2020xgradcam',
    'Fu, Ruigang and Hu, Qingyong and Dong, Xiaohu and Guo, Yulan and Gao, Yinghui and Li, Biao',
    'Axiom-based {Grad-CAM}: Towards Accurate Visualization and Explanation of {CNNs}',
    '2020',
    '2008.02312',
  ),
  eigencam: eigen,
  eigengradcam: eigen,
  scorecam: arxiv(
    'wang2020scorecam',
    'Wang, Haofan and Wang, Zifan and Du, Mengnan and Yang, Fan and Zhang, Zijian and Ding, Sirui and Mardziel, Piotr and Hu, Xia',
    '{Score-CAM}: Score-Weighted Visual Explanations for Convolutional Neural Networks',
    '2020',
    '1910.01279',
  ),
  ablationcam: entry('inproceedings', 'desai2020ablationcam', {
    author: 'Desai, Saurabh and Ramaswamy, Harish G.',
    title: '{Ablation-CAM}: Visual Explanations for Deep Convolutional Network via Gradient-free Localization',
    booktitle: 'IEEE Winter Conference on Applications of Computer Vision (WACV)',
    year: '2020',
  }),
};

const ldam = entry('inproceedings', 'cao2019ldam', {
  author: 'Cao, Kaidi and Wei, Colin and Gaidon, Adrien and Arechiga, Nikos and Ma, Tengyu',
  title: 'Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss',
  booktitle: 'Advances in Neural Information Processing Systems (NeurIPS)',
  year: '2019',
});
const focal = entry('inproceedings', 'lin2017focal', {
  author: "Lin, Tsung-Yi and Goyal, Priya and Girshick, Ross and He, Kaiming and Doll{\\'a}r, Piotr",
  title: 'Focal Loss for Dense Object Detection',
  booktitle: 'IEEE International Conference on Computer Vision (ICCV)',
  year: '2017',
});

/** Losses that have a paper; cross entropy has none. */
const losses: Readonly<Record<string, Reference>> = {
  focal,
  'focal-bce': focal,
  ldam,
  lmf: arxiv(
    'sadi2022lmf',
    'Sadi, Abu Adnan and Chowdhury, Labib and Jahan, Nusrat and Rafi, Mohammad Newaz Sharif and Chowdhury, Radeya and Khan, Faisal Ahamed and Mohammed, Nabeel',
    '{LMFLOSS}: A Hybrid Loss For Imbalanced Medical Image Classification',
    '2022',
    '2212.12741',
  ),
  'class-balanced': entry('inproceedings', 'cui2019classbalanced', {
    author: 'Cui, Yin and Jia, Menglin and Lin, Tsung-Yi and Song, Yang and Belongie, Serge',
    title: 'Class-Balanced Loss Based on Effective Number of Samples',
    booktitle: 'IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)',
    year: '2019',
  }),
  'balanced-softmax': entry('inproceedings', 'ren2020balanced', {
    author: 'Ren, Jiawei and Yu, Cunjun and Sheng, Shunan and Ma, Xiao and Zhao, Haiyu and Yi, Shuai and Li, Hongsheng',
    title: 'Balanced Meta-Softmax for Long-Tailed Visual Recognition',
    booktitle: 'Advances in Neural Information Processing Systems (NeurIPS)',
    year: '2020',
  }),
  'logit-adjustment': entry('inproceedings', 'menon2021logit', {
    author:
      'Menon, Aditya Krishna and Jayasumana, Sadeep and Rawat, Ankit Singh and Jain, Himanshu and Veit, Andreas and Kumar, Sanjiv',
    title: 'Long-tail learning via logit adjustment',
    booktitle: 'International Conference on Learning Representations (ICLR)',
    year: '2021',
  }),
  vs: entry('inproceedings', 'kini2021vs', {
    author: 'Kini, Ganesh Ramachandra and Paraskevas, Orestis and Oymak, Samet and Thrampoulidis, Christos',
    title: 'Label-Imbalanced and Group-Sensitive Classification under Overparameterization',
    booktitle: 'Advances in Neural Information Processing Systems (NeurIPS)',
    year: '2021',
  }),
  equalization: entry('inproceedings', 'tan2020equalization', {
    author:
      'Tan, Jingru and Wang, Changbao and Li, Buyu and Li, Quanquan and Ouyang, Wanli and Yin, Changqing and Yan, Junjie',
    title: 'Equalization Loss for Long-Tailed Object Recognition',
    booktitle: 'IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)',
    year: '2020',
  }),
};

export function methodReference({ id, title, paper }: ReportMethod): Reference {
  const known = Object.hasOwn(methods, id) ? methods[id] : undefined;
  if (known !== undefined) return known;
  const key = id.replace(/[^A-Za-z0-9]/g, '') || 'method';
  return entry('misc', key, { title: `{${escapeTex(title)}}`, note: escapeTex(paper) });
}

/** Null for losses without a paper, and for names that are no loss of ours. */
export function lossReference(loss: string | null): Reference | null {
  const id = (loss ?? '').toLowerCase();
  return Object.hasOwn(losses, id) ? (losses[id] ?? null) : null;
}
