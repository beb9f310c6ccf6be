import { sha256 } from '../../../core/canonical.ts';
import type { TaskRun } from '../api/schemas.ts';

/** What differs from one time to the next although the failure is the same. */
const varying: readonly [RegExp, string][] = [
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?/g, '<time>'],
  [/\b\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\b/g, '<time>'],
  // Not the apostrophe of a word.
  [/(?<!\w)'[^'\n]{0,300}'(?!\w)|"[^"\n]{0,300}"|`[^`\n]{0,300}`/g, '<text>'],
  [/\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b/gi, '<hex>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
  [/\s+/g, ' '],
];

const maxChars = 2000;

/** The message without what varies: ids, times, quoted values, numbers. */
export function normalised(message: string): string {
  return varying
    .reduce((text, [form, instead]) => text.replace(form, instead), message.slice(0, maxChars))
    .trim()
    .toLowerCase();
}

/** The same for the same failure of the same task, whichever run it is of. */
export function fingerprintOf({ taskId, message }: { taskId: string | null; message: string | null }): string {
  return `fp_${sha256([taskId ?? '', normalised(message ?? '')]).slice(0, 16)}`;
}

/** Of a task run, by what lists tell: the platform's own words where there are any. */
export function taskFingerprint({ taskId, externalMessage, message }: TaskRun): string {
  return fingerprintOf({ taskId, message: externalMessage || message });
}
