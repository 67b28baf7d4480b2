// BibTeX of the methods, by their id.
import { arxiv, entry, type Reference } from './reference.ts';

const eigen = arxiv(
  'muhammad2020eigencam',
  'Muhammad, Mohammed Bany and Yeasin, Mohammed',
  '{Eigen-CAM}: Class Activation Map using Principal Components',
  '2020',
  '2008.00299',
);

export const methodReferences: Readonly<Record<string, Reference>> = {
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
  cam: entry('inproceedings', 'zhou2016cam', {
    author: 'Zhou, Bolei and Khosla, Aditya and Lapedriza, Agata and Oliva, Aude and Torralba, Antonio',
    title: 'Learning Deep Features for Discriminative Localization',
    booktitle: 'IEEE Conference on Computer Vision and Pattern Recognition (CVPR)',
    year: '2016',
  }),
  fullgrad: entry('inproceedings', 'srinivas2019fullgrad', {
    author: 'Srinivas, Suraj and Fleuret, Fran{\\c{c}}ois',
    title: 'Full-Gradient Representation for Neural Network Visualization',
    booktitle: 'Advances in Neural Information Processing Systems (NeurIPS)',
    year: '2019',
  }),
  fem: entry('inproceedings', 'fuad2020fem', {
    author:
      'Fuad, Kazi Ahmed Asif and Martin, Pierre-Etienne and Giot, Romain and Bourqui, Romain and Benois-Pineau, Jenny and Zemmari, Akka',
    title: 'Features Understanding in {3D} {CNNs} for Actions Recognition in Video',
    booktitle: 'International Conference on Image Processing Theory, Tools and Applications (IPTA)',
    year: '2020',
  }),
  finercam: arxiv(
    'zhang2025finercam',
    'Zhang, Ziheng and Gu, Jianyang and Chowdhury, Arpita and Mai, Zheda and Carlyn, David and Berger-Wolf, Tanya and Su, Yu and Chao, Wei-Lun',
    '{Finer-CAM}: Spotting the Difference Reveals Finer Details for Visual Explanation',
    '2025',
    '2501.11309',
  ),
  shapleycam: arxiv(
    'cai2025shapleycam',
    'Cai, Huaiguang',
    '{CAMs} as {Shapley} Value-based Explainers',
    '2025',
    '2501.06261',
  ),
  'smoothgradcam++': arxiv(
    'omeiza2019smoothgradcampp',
    'Omeiza, Daniel and Speakman, Skyler and Cintas, Celia and Weldemariam, Komminist',
    '{Smooth Grad-CAM++}: An Enhanced Inference Level Visualization Technique for Deep Convolutional Neural Network Models',
    '2019',
    '1908.01224',
  ),
  gradient: arxiv(
    'simonyan2013saliency',
    'Simonyan, Karen and Vedaldi, Andrea and Zisserman, Andrew',
    'Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps',
    '2013',
    '1312.6034',
  ),
  'gradient-x-input': arxiv(
    'shrikumar2016notjust',
    'Shrikumar, Avanti and Greenside, Peyton and Shcherbina, Anna and Kundaje, Anshul',
    'Not Just a Black Box: Learning Important Features Through Propagating Activation Differences',
    '2016',
    '1605.01713',
  ),
  'guided-backprop': arxiv(
    'springenberg2014striving',
    'Springenberg, Jost Tobias and Dosovitskiy, Alexey and Brox, Thomas and Riedmiller, Martin',
    'Striving for Simplicity: The All Convolutional Net',
    '2014',
    '1412.6806',
  ),
  'integrated-gradients': entry('inproceedings', 'sundararajan2017ig', {
    author: 'Sundararajan, Mukund and Taly, Ankur and Yan, Qiqi',
    title: 'Axiomatic Attribution for Deep Networks',
    booktitle: 'International Conference on Machine Learning (ICML)',
    year: '2017',
  }),
  smoothgrad: arxiv(
    'smilkov2017smoothgrad',
    "Smilkov, Daniel and Thorat, Nikhil and Kim, Been and Vi{\\'e}gas, Fernanda and Wattenberg, Martin",
    '{SmoothGrad}: removing noise by adding noise',
    '2017',
    '1706.03825',
  ),
  occlusion: arxiv(
    'zeiler2013occlusion',
    'Zeiler, Matthew D. and Fergus, Rob',
    'Visualizing and Understanding Convolutional Networks',
    '2013',
    '1311.2901',
  ),
  rise: entry('inproceedings', 'petsiuk2018rise', {
    author: 'Petsiuk, Vitali and Das, Abir and Saenko, Kate',
    title: '{RISE}: Randomized Input Sampling for Explanation of Black-box Models',
    booktitle: 'British Machine Vision Conference (BMVC)',
    year: '2018',
  }),
  'attention-rollout': entry('inproceedings', 'abnar2020rollout', {
    author: 'Abnar, Samira and Zuidema, Willem',
    title: 'Quantifying Attention Flow in Transformers',
    booktitle: 'Annual Meeting of the Association for Computational Linguistics (ACL)',
    year: '2020',
  }),
  'gradient-rollout': entry('inproceedings', 'chefer2021generic', {
    author: 'Chefer, Hila and Gur, Shir and Wolf, Lior',
    title: 'Generic Attention-model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers',
    booktitle: 'IEEE/CVF International Conference on Computer Vision (ICCV)',
    year: '2021',
  }),
};
