// HAM10000, ISIC 2019 and ODIR-5K: small files of the exact published layouts, with every quirk that is known of them.
import { basename, dirname, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/datasets/dataset.ts';
import { classesOfKeywords } from '../../src/datasets/fundus-keywords.ts';
import { openDataset } from '../../src/datasets/open.ts';
import { overlapWarning, withoutOverlap } from '../../src/datasets/overlap.ts';
import { splitDataset } from '../../src/datasets/split.ts';
import { temporaryFolder } from '../lib/temporary-folder.ts';
import { workbook } from './workbook.ts';

function folderWith(files: Record<string, string | Uint8Array>, pictures: readonly string[]): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) folder.put(name, content);
  for (const name of pictures) folder.put(name);
  return folder.path;
}

const labelsOf = ({ items, classes }: Dataset) =>
  Object.fromEntries(items.map(({ id, label }) => [id, classes[label]]));
const groupsOf = ({ items }: Dataset) => Object.fromEntries(items.map(({ id, group }) => [id, group]));

describe('ham10000', () => {
  const metadata = [
    'lesion_id,image_id,dx,dx_type,age,sex,localization',
    'HAM_0000118,ISIC_0027419,bkl,histo,80.0,male,scalp',
    'HAM_0000118,ISIC_0025030,bkl,histo,80.0,male,scalp',
    'HAM_0002730,ISIC_0026769,nv,follow_up,,unknown,unknown',
    'HAM_0001466,ISIC_0031633,mel,confocal,0.0,female,ear',
    '',
  ].join('\r\n');

  it('reads the Kaggle archive: two parts, lower-case copies, CRLF, masks, tables of pixels passed over', async () => {
    const root = folderWith({ 'HAM10000_metadata.csv': metadata, 'hmnist_28_28_RGB.csv': 'pixel0000,label\n192,2\n' }, [
      'HAM10000_images_part_1/ISIC_0025030.jpg',
      'HAM10000_images_part_1/ISIC_0027419.jpg',
      'HAM10000_images_part_2/ISIC_0026769.jpg',
      'HAM10000_images_part_2/ISIC_0031633.jpg',
      ...['ISIC_0025030', 'ISIC_0027419'].map((id) => `ham10000_images_part_1_copy/${id}.jpg`),
      'HAM10000_segmentations_lesion_tschandl/ISIC_0025030_segmentation.png',
    ]);
    const dataset = await openDataset('ham10000', { root });
    expect(dataset.classes).toEqual(['akiec', 'bcc', 'bkl', 'df', 'mel', 'nv', 'vasc']);
    expect(labelsOf(dataset)).toEqual({
      ISIC_0025030: 'bkl',
      ISIC_0027419: 'bkl',
      ISIC_0026769: 'nv',
      ISIC_0031633: 'mel',
    });
    expect(groupsOf(dataset)).toMatchObject({ ISIC_0025030: 'HAM_0000118', ISIC_0027419: 'HAM_0000118' });
    const masks = dataset.items.filter(({ mask }) => mask !== null).map(({ id, mask }) => [id, basename(mask!)]);
    expect(masks).toEqual([['ISIC_0025030', 'ISIC_0025030_segmentation.png']]);
    expect(dataset.notes.join()).toContain('2 pictures there twice');
    expect(dataset.warnings).toEqual(['4 classes without a picture: akiec, bcc, df, vasc.']);
    expect(dataset.licence).toContain('CC BY-NC 4.0');
  });

  it('reads the Dataverse table without .csv, with its eighth column, and the official test set', async () => {
    const lines = metadata.split('\r\n').filter((line) => line !== '');
    const eight = lines.map((line, i) => `${line},${i === 0 ? 'dataset' : 'vidir_modern'}`).join('\n');
    const root = folderWith(
      {
        HAM10000_metadata: eight,
        'ISIC2018_Task3_Test_GroundTruth.csv': `${lines[0]}\nHAM_9,ISIC_0034524,nv,histo,50,male,back\n`,
      },
      ['a/ISIC_0027419.jpg', 'a/ISIC_0025030.jpg', 'a/ISIC_0026769.jpg', 'a/ISIC_0031633.jpg', 't/ISIC_0034524.jpg'],
    );
    const dataset = await openDataset('ham10000', { root });
    const splits = splitDataset(dataset).items.map(({ id, split }) => [id, split]);
    expect(splits).toContainEqual(['ISIC_0034524', 'test']);
    expect(splits.filter(([, split]) => split === 'test')).toHaveLength(1);
  });

  it('reads the challenge: one-hot columns in any order, lesions from their own table, absent test pictures told', async () => {
    const root = folderWith(
      {
        'ISIC2018_Task3_Training_GroundTruth/ISIC2018_Task3_Training_GroundTruth.csv':
          'image,AKIEC,BCC,BKL,DF,MEL,NV,VASC\nISIC_0024306,0.0,0.0,0.0,0.0,0.0,1.0,0.0\nISIC_0024310,0,0,0,0,1,0,0\n',
        'ISIC2018_Task3_Training_LesionGroupings.csv':
          'image,lesion_id,diagnosis_confirm_type\nISIC_0024306,HAM_0000550,follow_up\nISIC_0024310,HAM_0003577,histopathology\n',
        'ISIC2018_Task3_Test_GroundTruth.csv': 'image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\nISIC_0034524,0,1,0,0,0,0,0\n',
      },
      ['ISIC2018_Task3_Training_Input/ISIC_0024306.jpg', 'ISIC2018_Task3_Training_Input/ISIC_0024310.JPG'],
    );
    const dataset = await openDataset('ham10000', { root });
    expect(labelsOf(dataset)).toEqual({ ISIC_0024306: 'nv', ISIC_0024310: 'mel' });
    expect(groupsOf(dataset)).toEqual({ ISIC_0024306: 'HAM_0000550', ISIC_0024310: 'HAM_0003577' });
    expect(dataset.notes.join()).toContain('table for test, but none of its pictures');
    expect(dataset.warnings.join()).not.toContain('without a picture, left out');
  });

  it('reads copies under other names by their columns, counts what is missing', async () => {
    const root = folderWith(
      { 'GroundTruth.csv': 'image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\nISIC_1,1,0,0,0,0,0,0\nISIC_2,0,1,0,0,0,0,0\n' },
      ['images/ISIC_1.jpg', 'images/ISIC_3.jpg', 'masks/ISIC_1_segmentation.png'],
    );
    const dataset = await openDataset('ham10000', { root });
    expect(labelsOf(dataset)).toEqual({ ISIC_1: 'mel' });
    expect(dataset.warnings.join()).toMatch(/1 label without a picture, left out: ISIC_2.*1 picture without a label/);
    expect(dataset.items[0]!.mask).toContain('ISIC_1_segmentation.png');
    const none = folderWith({ 'other.csv': 'a,b\n1,2\n' }, ['x.jpg']);
    await expect(openDataset('ham10000', { root: none })).rejects.toMatchObject({ code: 'no-table' });
  });
});

describe('isic2019', () => {
  const truth = [
    'image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK',
    'ISIC_0000000,0.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0',
    'ISIC_0000002,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0',
    'ISIC_0000004_downsampled,1,0,0,0,0,0,0,0,0',
    'ISIC_0024306,0,0,0,0,0,0,0,1,0',
  ].join('\n');
  const lesions = [
    'image,age_approx,anatom_site_general,lesion_id,sex,diagnosis,benign_malignant,target',
    'ISIC_0000000,55.0,anterior torso,,female,NV,benign,0',
    'ISIC_0000002,30.0,anterior torso,,female,MEL,malignant,1',
    'ISIC_0000004_downsampled,0.0,,MSK4_0011169,,MEL,malignant,1',
    'ISIC_0024306,45,lower extremity,HAM_0000550,male,SCC,malignant,1',
  ].join('\r\n');
  const pictures = ['ISIC_0000000', 'ISIC_0000002', 'ISIC_0000004_downsampled', 'ISIC_0024306'].map(
    (id) => `ISIC_2019_Training_Input/ISIC_2019_Training_Input/${id}.jpg`,
  );

  it('reads truth and lesions by header, ids whole, UNK no class where it is empty, empty lesions as none', async () => {
    const root = folderWith(
      { 'ISIC_2019_Training_GroundTruth.csv': `\ufeff${truth}`, 'ISIC_2019_Training_Metadata.csv': lesions },
      [...pictures, 'ISIC_2019_Training_Input/attribution.txt'],
    );
    const dataset = await openDataset('isic2019', { root });
    expect(dataset.classes).toEqual(['MEL', 'NV', 'BCC', 'AK', 'BKL', 'DF', 'VASC', 'SCC']);
    expect(labelsOf(dataset)).toEqual({
      ISIC_0000000: 'NV',
      ISIC_0000002: 'MEL',
      ISIC_0000004_downsampled: 'MEL',
      ISIC_0024306: 'SCC',
    });
    expect(Object.values(groupsOf(dataset))).toEqual([null, null, 'MSK4_0011169', 'HAM_0000550']);
  });

  it('reads the test table with its extra columns, leaves unknown pictures out and counts them', async () => {
    const root = folderWith(
      {
        'ISIC_2019_Training_GroundTruth.csv': truth,
        'ISIC_2019_Test_GroundTruth.csv':
          'image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK,score_weight,validation_weight\n' +
          'ISIC_0034321,0,1,0,0,0,0,0,0,0,1.0,0.0\nISIC_0034322,0,0,0,0,0,0,0,0,1,1.0,0.0\n',
      },
      [...pictures, 'ISIC_2019_Test_Input/ISIC_0034321.jpg', 'ISIC_2019_Test_Input/ISIC_0034322.jpg'],
    );
    const dataset = await openDataset('isic2019', { root });
    expect(dataset.items.filter(({ split }) => split === 'test').map(({ id }) => id)).toEqual(['ISIC_0034321']);
    expect(dataset.notes.join()).toContain('1 picture of the class UNK');
    expect(dataset.skipped).toContainEqual({ path: 'ISIC_0034322', reason: expect.stringContaining('UNK') as string });
  });

  it('is warned of where HAM10000 is tested on', async () => {
    const isic = await openDataset('isic2019', {
      root: folderWith({ 'ISIC_2019_Training_GroundTruth.csv': truth }, pictures),
    });
    const ham = await openDataset('ham10000', {
      root: folderWith({ HAM10000_metadata: 'image_id,dx\nISIC_0024306,nv\nISIC_0030000,mel\n' }, [
        'ISIC_0024306.jpg',
        'ISIC_0030000.jpg',
      ]),
    });
    expect(overlapWarning(isic, ham)).toEqual([
      '1 picture of 2 to test on are among those trained on: scores are too good (ISIC_0024306).',
    ]);
    expect(overlapWarning({ id: 'isic2019' }, ham)[0]).toContain('HAM10000 is part of ISIC 2019');
    expect(overlapWarning({ id: 'ham10000' }, ham)).toEqual([]);
    expect(overlapWarning({ id: 'demo', items: [{ path: '1.jpg' }] }, ham)).toEqual([]);
    expect(withoutOverlap(isic, ham).items.map(({ id }) => id)).toEqual(['ISIC_0030000']);
  });
});

describe('odir5k', () => {
  const header =
    'ID,Patient Age,Patient Sex,Left-Fundus,Right-Fundus,Left-Diagnostic Keywords,Right-Diagnostic Keywords,N,D,G,C,A,H,M,O';
  const full = [
    `${header},filepath,labels,target,filename`,
    `0,69,Female,0_left.jpg,0_right.jpg,cataract,normal fundus,0,0,0,1,0,0,0,0,../input/ocular-disease-recognition-odir5k/ODIR-5K/Training Images/0_right.jpg,['N'],"[1, 0, 0, 0, 0, 0, 0, 0]",0_right.jpg`,
    `0,69,Female,0_left.jpg,0_right.jpg,cataract,normal fundus,0,0,0,1,0,0,0,0,../input/ocular-disease-recognition-odir5k/ODIR-5K/Training Images/0_left.jpg,['C'],"[0, 0, 0, 1, 0, 0, 0, 0]",0_left.jpg`,
    `4,53,Male,4_left.jpg,4_right.jpg,macular epiretinal membrane，lens dust,"mild nonproliferative retinopathy, hypertensive retinopathy",0,1,0,0,0,1,0,1,x,['D'],"[0, 1, 0, 0, 0, 0, 0, 0]",4_right.jpg`,
    '',
  ].join('\n');
  const pictures = ['0_left', '0_right', '4_left', '4_right'].flatMap((id) => [
    `preprocessed_images/${id}.jpg`,
    `ODIR-5K/ODIR-5K/Training Images/${id}.jpg`,
  ]);

  it("reads full_df.csv: one class of each eye from Python's lists, the original pictures, patients as groups", async () => {
    const root = folderWith({ 'full_df.csv': full }, [...pictures, 'ODIR-5K/ODIR-5K/Testing Images/937_left.jpg']);
    const dataset = await openDataset('odir5k', { root });
    expect(dataset.classes).toEqual(['N', 'D', 'G', 'C', 'A', 'H', 'M', 'O']);
    expect(labelsOf(dataset)).toEqual({ '0_right': 'N', '0_left': 'C', '4_right': 'D' });
    expect(Object.values(groupsOf(dataset))).toEqual(['0', '0', '4']);
    expect(dataset.items.map(({ path }) => basename(dirname(path)))).toEqual(Array(3).fill('Training Images'));
    expect(dataset.multiLabel).toBe(false);
    const notes = dataset.notes.join('\n');
    expect(notes).toContain('1 eye with a label that its patient');
    expect(notes).toContain('1 eye have keywords of several classes');
    expect(notes).toContain('1 picture in Testing Images');
    expect(dataset.warnings.join()).toContain('1 picture without a label'); // 4_left has no row
  });

  it('reads all classes of an eye from its keywords, those of a patient from N to O', async () => {
    const root = folderWith({ 'full_df.csv': full }, pictures);
    const keywords = await openDataset('odir5k', { root, odirLabels: 'keywords' });
    const hot = ({ items, classes }: Dataset) =>
      Object.fromEntries(items.map(({ id, labels }) => [id, classes.filter((_, i) => labels![i] === 1).join('')]));
    expect(hot(keywords)).toEqual({ '0_right': 'N', '0_left': 'C', '4_right': 'DH' });
    const patient = await openDataset('odir5k', { root, odirLabels: 'patient' });
    expect(hot(patient)).toEqual({ '0_right': 'C', '0_left': 'C', '4_right': 'DHO' });
  });

  it('reads the workbook: a row is two eyes', async () => {
    const rows = [
      header.split(','),
      ['0', '69', 'Female', '0_left.jpg', '0_right.jpg', 'cataract', 'normal fundus', ...'00010000'],
      [
        '4',
        '53',
        'Male',
        '4_left.jpg',
        '4_right.jpg',
        'macular epiretinal membrane，lens dust',
        'no fundus image',
        ...'00000001',
      ],
    ];
    const root = folderWith({ 'ODIR-5K_Training_Annotations(Updated)_V2.xlsx': workbook(rows) }, pictures);
    const dataset = await openDataset('odir5k', { root });
    expect(dataset.multiLabel).toBe(true);
    expect(dataset.items.map(({ id, labels }) => [id, dataset.classes[labels!.indexOf(1)]])).toEqual([
      ['0_left', 'C'],
      ['0_right', 'N'],
      ['4_left', 'O'],
    ]);
    expect(dataset.skipped.map(({ path, reason }) => [relative(root, path), reason])).toContainEqual([
      relative(root, dataset.items[0]!.path).replace('0_left', '4_right'),
      'its row gives no label',
    ]);
    await expect(openDataset('odir5k', { root, odirLabels: 'eye' })).rejects.toMatchObject({ code: 'bad-labels' });
    const broken = folderWith({ 'data.xlsx': 'no workbook' }, pictures);
    await expect(openDataset('odir5k', { root: broken })).rejects.toMatchObject({ code: 'bad-workbook' });
  });

  it('knows columns of mirrors by other names, with blanks behind them', async () => {
    const mirror =
      'ID,Patient Age,Patient Sex,Fundus,Diagnostic Keywords,Normal ,Diabetes,Glaucoma ,Cataract,' +
      'Age related Macular Degeneration,Hypertension,Pathological Myopia ,Other diseases/abnormalities\n' +
      '0,69,Female,0_right.jpg,normal fundus,1,0,0,0,0,0,0,0\n';
    const root = folderWith({ 'data.csv': mirror }, pictures);
    const dataset = await openDataset('odir5k', { root, odirLabels: 'patient' });
    expect(dataset.items.map(({ id, labels }) => [id, labels])).toEqual([['0_right', [1, 0, 0, 0, 0, 0, 0, 0]]]);
  });

  it.each([
    ['normal fundus', 'N'],
    ['lens dust，normal fundus', 'N'],
    ['lens dust，drusen', 'O'],
    ['moderate non proliferative retinopathy', 'D'],
    ['suspected diabetic retinopathy', 'D'],
    ['hypertensive retinopathy', 'H'],
    ['suspected glaucoma', 'G'],
    ['dry age-related macular degeneration，glaucoma', 'GA'],
    ['myopia retinopathy', 'M'],
    ['pathological myopia，cataract', 'CM'],
    ['anterior segment image', ''],
    ['low image quality', ''],
    ['', ''],
  ])('takes the keywords "%s" for "%s"', (keywords, classes) => {
    expect(classesOfKeywords(keywords)?.join('') ?? '').toBe(classes);
  });
});
