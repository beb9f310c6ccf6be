import { z } from 'zod';

/** What could not be read, or was left out, in our words. */
export const gapSchema = z.looseObject({
  what: z.string().describe('What is missing.'),
  endpoint: z.string().optional().describe('What was asked for it.'),
  code: z.string().optional().describe('The code of the failure.'),
  why: z.string().describe('Why.'),
});
export type ShownGap = z.output<typeof gapSchema>;

export const gapsSchema = z.array(gapSchema).describe('What could not be read; empty where nothing is missing.');
