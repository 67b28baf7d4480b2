// One thing to say about the maps of a report, and the side it is on.

export type Side = 'for' | 'against' | 'unknown';

export interface Point {
  readonly side: Side;
  readonly text: string;
}

export const against = (text: string): Point => ({ side: 'against', text });
export const inFavour = (text: string): Point => ({ side: 'for', text });
export const unknown = (text: string): Point => ({ side: 'unknown', text });

/** A point about these items, where there are any. */
export function about<T>(items: readonly T[], point: (items: readonly T[]) => Point): Point[] {
  return items.length === 0 ? [] : [point(items)];
}
