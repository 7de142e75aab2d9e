import { canRunLab } from '../../lab/lab.ts';

const able = canRunLab();

/** True where no lab can run; for `describe.skipIf`. */
export const noLab = !able.ok;

/** The end of a title: empty, or, where no lab can run, that these tests were left out and why. */
export const unlessLeftOut = able.ok ? '' : ` (left out: ${able.why})`;
