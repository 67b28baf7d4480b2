// Ids of the figure formats: apart from the table, so that options are checked before anything heavy is loaded.

export const formatIds = ['pdf', 'svg', 'png', 'tex'] as const;
export type FormatId = (typeof formatIds)[number];
