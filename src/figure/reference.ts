// Entries of a BibTeX file.

export interface Reference {
  readonly key: string;
  readonly bibtex: string;
}

export function entry(kind: string, key: string, fields: Readonly<Record<string, string>>): Reference {
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(9)} = {${value}},`);
  return { key, bibtex: `@${kind}{${key},\n${lines.join('\n')}\n}\n` };
}

export function arxiv(key: string, author: string, title: string, year: string, number: string): Reference {
  return entry('article', key, { author, title, journal: `arXiv preprint arXiv:${number}`, year });
}
