// BibTeX of the losses, by their id.
import { arxiv, entry, type Reference } from './reference.ts';

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

/** Losses that have a paper; cross entropy has none, with weights or without. */
export const lossReferences: Readonly<Record<string, Reference>> = {
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
  'label-smoothing': entry('inproceedings', 'szegedy2016rethinking', {
    author: 'Szegedy, Christian and Vanhoucke, Vincent and Ioffe, Sergey and Shlens, Jonathon and Wojna, Zbigniew',
    title: 'Rethinking the Inception Architecture for Computer Vision',
    booktitle: 'IEEE Conference on Computer Vision and Pattern Recognition (CVPR)',
    year: '2016',
  }),
  asl: entry('inproceedings', 'ridnik2021asl', {
    author:
      'Ridnik, Tal and Ben-Baruch, Emanuel and Zamir, Nadav and Noy, Asaf and Friedman, Itamar and Protter, Matan and Zelnik-Manor, Lihi',
    title: 'Asymmetric Loss For Multi-Label Classification',
    booktitle: 'IEEE/CVF International Conference on Computer Vision (ICCV)',
    year: '2021',
  }),
};
