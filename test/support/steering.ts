import type { Steering } from '../../src/admin/steering.ts';

const nobody = async (): Promise<never> => {
  throw new Error('nobody steers here');
};

/** For admin routes that are only read. */
export const noSteering: Steering = {
  rehearseUndo: nobody,
  undo: nobody,
  write: nobody,
  reclassify: nobody,
  sweep: nobody,
  deadLetters: nobody,
  deadLetter: nobody,
  replayDeadLetter: nobody,
  discardDeadLetter: nobody,
  brakes: nobody,
  releaseBrake: nobody,
  audits: nobody,
  quality: nobody,
};
