// What commands use of the library, each part loaded by itself and only once a command starts its work: what trains must not
// be waited for by what lists layers.
import type * as library from '../index.ts';

export type Library = Pick<
  typeof library,
  | 'compare'
  | 'listModelLayers'
  | 'compileModel'
  | 'listEngines'
  | 'train'
  | 'evaluate'
  | 'evaluationText'
  | 'evaluationCsv'
  | 'evaluationLatex'
  | 'makeFigure'
>;

/** Loads a part. */
export type LoadPart = <Part extends keyof Library>(part: Part) => Promise<Library[Part]>;

const parts: { readonly [Part in keyof Library]: () => Promise<Library[Part]> } = {
  compare: async () => (await import('../compare.ts')).compare,
  listModelLayers: async () => (await import('../layers.ts')).listModelLayers,
  compileModel: async () => (await import('../compile.ts')).compileModel,
  listEngines: async () => (await import('../doctor.ts')).listEngines,
  train: async () => (await import('../train.ts')).train,
  evaluate: async () => (await import('../evaluate.ts')).evaluate,
  evaluationText: async () => (await import('../report/evaluation/text.ts')).evaluationText,
  evaluationCsv: async () => (await import('../report/evaluation/csv-table.ts')).evaluationCsv,
  evaluationLatex: async () => (await import('../report/evaluation/latex.ts')).evaluationLatex,
  makeFigure: async () => (await import('../figure.ts')).makeFigure,
};

export const loadPart: LoadPart = (part) => parts[part]();
