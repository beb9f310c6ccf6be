import { AppError, type ErrorRow } from '../../core/errors.ts';

const row = (http: number, exit: number, retryable = false): ErrorRow => ({ http, exit, retryable });

export const workflowErrors: Readonly<Record<string, ErrorRow>> = {
  WORKFLOW_NOT_FOUND: row(404, 4),
  WORKFLOW_RUN_NOT_FOUND: row(404, 4),
  APPROVAL_NOT_FOUND: row(404, 4),
  INVALID_WORKFLOW: row(422, 2),
  INVALID_WORKFLOW_INPUT: row(422, 2),
  WORKFLOW_BUSY: row(409, 6, true),
  WORKFLOW_LOOP: row(409, 5),
  WORKFLOW_FAILED: row(422, 1),
};

/** Something wrong with a definition, an input or a form, and what to do about it. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly suggestion: string;
}

const shownProblems = 50;

export function noWorkflow(name: string, version?: number): AppError {
  const which = JSON.stringify(name.slice(0, 100));
  return new AppError(
    'WORKFLOW_NOT_FOUND',
    version === undefined ? `There is no workflow ${which}.` : `There is no version ${version} of a workflow ${which}.`,
    'List the workflows with list_workflows; put one with put_workflow.',
    { workflow: name.slice(0, 100), ...(version !== undefined && { version }) },
  );
}

export function noDefault(): AppError {
  return new AppError(
    'WORKFLOW_NOT_FOUND',
    'No workflow was named, and this server has no default.',
    'Give `workflow`, one of list_workflows; the operator sets the default as workflows.default.',
  );
}

export function noRun(id: string): AppError {
  return new AppError(
    'WORKFLOW_RUN_NOT_FOUND',
    'There is no such workflow run, or it is not yours.',
    'List your runs with list_workflow_runs.',
    { run_id: id.slice(0, 100) },
  );
}

export function noApproval(id: string): AppError {
  return new AppError(
    'APPROVAL_NOT_FOUND',
    'There is no such approval, or it is not for you to see.',
    'List those that wait for you with list_workflow_approvals.',
    { approval_id: id.slice(0, 100) },
  );
}

export function invalidWorkflow(problems: readonly Problem[]): AppError {
  const [first] = problems;
  return new AppError(
    'INVALID_WORKFLOW',
    `The definition has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}; the first: ${first?.path || 'the document'} ${first?.message ?? ''}`.slice(
      0,
      600,
    ),
    first?.suggestion ?? 'Correct what details.problems names and check it with validate_workflow.',
    { problems: problems.slice(0, shownProblems) },
  );
}

export function invalidInput(workflow: string, issues: readonly { path: string; message: string }[]): AppError {
  return new AppError(
    'INVALID_WORKFLOW_INPUT',
    `The input does not meet the schema of the workflow ${workflow}.`,
    'Correct what details.issues names; get_workflow shows the schema as `input`.',
    { issues: issues.slice(0, shownProblems) },
  );
}

export function busy(workflow: string, runs: number): AppError {
  return new AppError(
    'WORKFLOW_BUSY',
    `The workflow ${workflow} has ${runs} ${runs === 1 ? 'run' : 'runs'} under way, as many as it may.`,
    'Wait for one to end (get_workflow_run with wait_s), or cancel it with cancel_workflow_run.',
    { workflow, runs },
  );
}

export function looped(workflow: string): AppError {
  return new AppError(
    'WORKFLOW_LOOP',
    `The workflow ${workflow} led to this call itself, or too many others did one by one.`,
    'Do not start a workflow from what it does itself; split the work so that at most five follow each other.',
    { workflow },
  );
}
