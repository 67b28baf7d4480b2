// The one error a user sees: what failed, on what, what was expected, what was found, what to do.

export interface ErrorParts {
  /** Stable identifier, kebab-case, for tests and scripts. */
  code: string;
  /** What failed, on what. One line. */
  what: string;
  expected?: string | undefined;
  found?: string | undefined;
  /** What to do about it. */
  hint?: string | undefined;
  /** 1: the user can mend it (default). 2: a defect of ours. */
  exitCode?: 1 | 2;
  cause?: unknown;
}

/** Every error that a caller can mend (`exitCode` 1), and what we know to be our own (2). Its message is the parts, a line each. */
export class GradcamError extends Error {
  readonly code: string;
  readonly exitCode: 1 | 2;
  readonly parts: ErrorParts;

  constructor(parts: ErrorParts) {
    const lines = [parts.what];
    if (parts.expected !== undefined) lines.push(`  expected: ${parts.expected}`);
    if (parts.found !== undefined) lines.push(`  found:    ${parts.found}`);
    if (parts.hint !== undefined) lines.push(`  to do:    ${parts.hint}`);
    super(lines.join('\n'), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'GradcamError';
    this.code = parts.code;
    this.exitCode = parts.exitCode ?? 1;
    this.parts = parts;
  }
}

/** The text of anything thrown, for messages that wrap it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
