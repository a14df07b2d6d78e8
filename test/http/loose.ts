/** A body that a test looks into without declaring its shape. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;
