/** That a fork's row `i` of `skein_inclusion` has the message in a row `e` of the log: those of a range of positions, and the
 *  system and developer messages above it. */
export const INCLUDES: string = `i.origin_tid = e.tid AND i.seg = e.seg AND i.up_to >= e.pos
  AND (i.from_pos <= e.pos OR e.role < 2)`;
