// What a figure cites: its methods, the losses of its runs. A method that is not in the table is cited by what the report says
// of its paper.
import type { ReportMethod } from '../report/report.ts';
import { escapeLatex } from '../lib/latex.ts';
import { lossReferences } from './loss-references.ts';
import { methodReferences } from './method-references.ts';
import { entry, type Reference } from './reference.ts';

export function methodReference({ id, title, paper }: ReportMethod): Reference {
  const known = Object.hasOwn(methodReferences, id) ? methodReferences[id] : undefined;
  if (known !== undefined) return known;
  const key = id.replace(/[^A-Za-z0-9]/g, '') || 'method';
  return entry('misc', key, { title: `{${escapeLatex(title)}}`, note: escapeLatex(paper) });
}

/** Null for losses without a paper, and for names that are no loss of ours. */
export function lossReference(loss: string | null): Reference | null {
  const id = (loss ?? '').toLowerCase();
  return Object.hasOwn(lossReferences, id) ? (lossReferences[id] ?? null) : null;
}
