/** A redirect is an answer like any other: followed, it would take ticket text and keys to where nobody allowed them. */
export const STAY = { redirect: 'manual' } as const;
