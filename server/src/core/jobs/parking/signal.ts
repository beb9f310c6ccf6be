import { DBOSWorkflowConflictError } from '@dbos-inc/dbos-sdk';

/** Thrown by `context.park`: ends this run of the handler, and the engine records nothing of the step that it cuts short. */
export class ParkSignal extends DBOSWorkflowConflictError {
  readonly wakeAt: Date;

  constructor(jobId: string, wakeAt: Date) {
    super(jobId);
    this.wakeAt = wakeAt;
  }
}
