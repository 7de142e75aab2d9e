/** Pieces of schemas for the engine's JSON, in which nearly everything may be missing or null. */
import { z } from 'zod';

export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
export const count = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
/** String to string: labels. */
export const words = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
/** An object of which every part may be missing: so may the object. */
export const part = <T extends z.ZodRawShape>(shape: T) =>
  z.preprocess((value) => value ?? {}, z.object(shape));
