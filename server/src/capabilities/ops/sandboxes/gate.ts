import { AppError } from '../../../core/errors.ts';

/** Lets so many in at once and turns away whoever comes then. */
export function createGate(most: number): { enter(): () => void } {
  let inside = 0;
  return {
    enter() {
      if (inside >= most) {
        throw new AppError(
          'RATE_LIMITED',
          `${most} commands run in sandboxes just now.`,
          'Call again in a moment; for much work at once use orcaops_submit_job.',
        );
      }
      inside += 1;
      return () => {
        inside -= 1;
      };
    },
  };
}
