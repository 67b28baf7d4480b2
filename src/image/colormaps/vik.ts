// Vik: blue over white to brown, for signed maps: white is zero. Brightness falls evenly to both sides.
import { tableOf, type Colormap } from '../colormap.ts';

export const vik: Colormap = {
  id: 'vik',
  title: 'Vik',
  perceptual: true,
  kind: 'diverging',
  source: 'Fabio Crameri, 2018, https://doi.org/10.5281/zenodo.1243862 (MIT), version 8.0',
  rgb: tableOf(`
    001261 011462 011563 011764 011865 011a66 021c67 021d68 021f69 02206a 02226b 02236c 02256d 02276e 02286f 022a70
    022b71 022d72 022e73 023074 023175 023376 023477 023678 023779 02397a 023a7b 033c7c 033e7d 033f7e 03417f 034280
    034481 034582 034783 034984 034a85 044c86 044d87 044f88 055189 05528a 06548b 06568c 07578d 08598f 095b90 0b5d91
    0c5e92 0e6093 106294 116496 136697 156798 176999 196b9a 1c6d9c 1e6f9d 20719e 2373a0 2575a1 2877a2 2b79a4 2d7ba5
    307da6 337fa8 3681a9 3983ab 3c85ac 3f87ad 4289af 458bb0 488db2 4b90b3 4e92b4 5194b6 5496b7 5798b9 5a9aba 5d9cbb
    619ebd 64a0be 67a2c0 6aa4c1 6da6c2 71a8c4 74aac5 77acc6 7aaec8 7db0c9 80b2ca 84b4cc 87b6cd 8ab8ce 8dbad0 90bcd1
    94bed2 97c0d4 9ac2d5 9dc4d6 a0c5d8 a3c7d9 a7c9da aacbdc adcddd b0cfde b3d1df b6d3e1 bad5e2 bdd6e3 c0d8e4 c3dae5
    c6dbe6 c9dde7 ccdfe8 cfe0e8 d2e1e9 d5e3e9 d8e4e9 dbe5e9 dee6e9 e0e6e9 e2e7e8 e5e7e8 e7e7e7 e8e7e5 eae6e4 ebe6e2
    ece5e0 ede4de eee3dc eee1da eee0d8 eeded5 eeddd3 eedbd0 eed9cd edd7cb edd5c8 ecd3c5 ecd1c3 ebd0c0 eacebd e9ccba
    e9cab8 e8c8b5 e7c6b2 e6c4b0 e5c1ad e4bfaa e4bea8 e3bca5 e2baa2 e1b8a0 e0b69d dfb49a dfb298 deb095 ddae93 dcac90
    dbaa8d dba88b daa688 d9a486 d8a283 d7a081 d69f7e d69d7c d59b79 d49977 d39774 d39572 d29470 d1926d d0906b cf8e68
    cf8c66 ce8b64 cd8961 cc875f cc855d cb835a ca8258 c98056 c97e53 c87c51 c77b4f c6794c c6774a c57548 c47445 c37243
    c27041 c26e3f c16d3c c06b3a bf6938 be6736 be6533 bd6431 bc622f bb602d ba5e2a b85c28 b75a26 b65824 b55521 b3531f
    b2511d b04f1b af4c18 ad4a16 ab4814 a94512 a74310 a5400f a33e0d a13c0b 9f390a 9c3709 9a3508 983307 963107 942f06
    912d06 8f2b06 8d2906 8b2706 892606 872406 852206 832106 811f06 7f1e06 7e1d06 7c1b06 7a1a06 781806 761706 741506
    731406 711307 6f1107 6d1007 6c0e07 6a0d07 680c07 670a07 650907 630707 620607 600408 5e0308 5d0208 5b0108 590008
  `),
};
