// Any text -> LaTeX that says it, whatever is in it, under pdfLaTeX as under its successors.

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "''",
  // After the end of a table's row these would be read as its arguments.
  '[': '{[}',
  ']': '{]}',
  '*': '{*}',
  '\u00a0': '~',
  '\u2013': '--',
  '\u2014': '---',
  '\u2018': '`',
  '\u2019': "'",
  '\u201c': '``',
  '\u201d': "''",
  '\u2026': '\\dots{}',
  '\u2212': '$-$',
  '\u00d7': '$\\times$',
  '\u00b1': '$\\pm$',
  '\u2264': '$\\le$',
  '\u2265': '$\\ge$',
  '\u00b0': '$^\\circ$',
  '\u00b5': '$\\mu$',
  '\u00b7': '$\\cdot$',
  ß: '\\ss{}',
  æ: '\\ae{}',
  Æ: '\\AE{}',
  œ: '\\oe{}',
  Œ: '\\OE{}',
  ø: '\\o{}',
  Ø: '\\O{}',
  ł: '\\l{}',
  Ł: '\\L{}',
  ı: '\\i{}',
};

const accents: Readonly<Record<string, string>> = {
  '\u0300': '\\`',
  '\u0301': "\\'",
  '\u0302': '\\^',
  '\u0303': '\\~',
  '\u0304': '\\=',
  '\u0306': '\\u',
  '\u0307': '\\.',
  '\u0308': '\\"',
  '\u030a': '\\r',
  '\u030b': '\\H',
  '\u030c': '\\v',
  '\u0327': '\\c',
  '\u0328': '\\k',
};

const greek: Readonly<Record<string, string>> = {
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  ε: 'epsilon',
  η: 'eta',
  θ: 'theta',
  κ: 'kappa',
  λ: 'lambda',
  μ: 'mu',
  π: 'pi',
  ρ: 'rho',
  σ: 'sigma',
  τ: 'tau',
  φ: 'phi',
  χ: 'chi',
  ψ: 'psi',
  ω: 'omega',
  Δ: 'Delta',
  Σ: 'Sigma',
  Ω: 'Omega',
};

/**
 * The text for LaTeX's running text: commands and specials as what they look like, accents as commands, other characters,
 * which pdfLaTeX's fonts have not, as `[U+4E2D]`. One line.
 */
export function escapeLatex(text: string): string {
  const characters = Array.from(text.normalize('NFD').replace(/\s+/g, ' '));
  let out = '';
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    const accent = accents[characters[i + 1] ?? ''];
    if (accent !== undefined && /[A-Za-z]/.test(character)) {
      out += `${accent}{${character}}`;
      i++;
    } else out += oneCharacter(character);
  }
  return out;
}

function oneCharacter(character: string): string {
  if (Object.hasOwn(special, character)) return special[character]!;
  if (/^[ -~]$/.test(character)) return character;
  if (Object.hasOwn(greek, character)) return `$\\${greek[character]!}$`;
  if (/^[\p{Cc}\p{Cf}]$/u.test(character)) return '';
  return `{[}U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}{]}`;
}

/** For comments and names of files: what cannot end the line or be taken for something else. */
export function commentTex(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
