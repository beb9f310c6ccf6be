import type { JobEngine } from '../../../core/jobs/engine.ts';
import type { Cursors } from '../../../core/page.ts';
import type { Tool } from '../../../core/tool.ts';
import type { EnginePool } from '../engine/pool.ts';
import { getContract } from '../tools/get_contract.ts';
import { getValidationReport } from '../tools/get_validation_report.ts';
import { inferContract } from '../tools/infer_contract.ts';
import { profileDataset } from '../tools/profile_dataset.ts';
import { setContract } from '../tools/set_contract.ts';
import { validate } from '../tools/validate.ts';

/** What says and checks how data has to be. */
export function contractTools(jobs: JobEngine, engines: EnginePool, cursors: Cursors): Tool[] {
  return [
    setContract(engines),
    getContract(),
    inferContract(jobs),
    validate(jobs, engines),
    getValidationReport(cursors),
    profileDataset(jobs),
  ];
}
