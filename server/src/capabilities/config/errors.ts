import { AppError, type ErrorRow } from '../../core/errors.ts';

const row = (http: number, exit: number, retryable = false): ErrorRow => ({ http, exit, retryable });

export const configErrors: Readonly<Record<string, ErrorRow>> = {
  CLIENT_NOT_FOUND: row(404, 4),
  PROFILE_NOT_FOUND: row(404, 4),
  POLICY_SET_NOT_FOUND: row(404, 4),
  DRAFT_NOT_FOUND: row(404, 4),
  ROLLOUT_NOT_FOUND: row(404, 4),
  ARTIFACT_NOT_FOUND: row(404, 4),
  NOT_PUBLISHED: row(404, 4),
  SCHEMA_INCOMPATIBLE: row(409, 5),
  INVALID_DRAFT: row(422, 2),
  INVALID_CLIENT_FAMILY: row(422, 2),
  INVALID_CATALOG_SERVER: row(422, 2),
  INVALID_POLICY_SET: row(422, 2),
  POLICY_DENIED: row(422, 5),
  POLICY_TESTS_FAILED: row(422, 5),
  SECRET_FOUND: row(422, 2),
  APPROVAL_REQUIRED: row(409, 5),
  SELF_APPROVAL: row(403, 3),
  DRAFT_CHANGED: row(409, 5),
  DRAFT_DECIDED: row(409, 5),
  ROLLOUT_UNDER_WAY: row(409, 5),
  NOT_STRICT_JSON: row(422, 2),
  KEY_REFUSED: row(422, 2),
  KEYS_GIVEN: row(409, 5),
  NOT_AUTHENTIC: row(409, 5),
};

/** Something wrong with a document, and where: an RFC 6901 pointer. */
export interface Found {
  readonly pointer: string;
  readonly message: string;
}

const shown = 50;
const named = (text: string) => JSON.stringify(text.slice(0, 100));

export function noClient(client: string): AppError {
  return new AppError(
    'CLIENT_NOT_FOUND',
    `There is no client family ${named(client)}.`,
    'List them with list_clients; add one with put_client_family.',
    { client_id: client.slice(0, 100) },
  );
}

export function noProfile(client: string, profile: string): AppError {
  return new AppError(
    'PROFILE_NOT_FOUND',
    `The client family ${named(client)} has no profile ${named(profile)}.`,
    'List its profiles with list_profiles; make one with put_config_profile.',
    { client_id: client.slice(0, 100), profile: profile.slice(0, 100) },
  );
}

export function noPolicySet(id: string): AppError {
  return new AppError(
    'POLICY_SET_NOT_FOUND',
    `There is no policy set ${named(id)}.`,
    'Name one as name@version, such as baseline@1, or none; put one with put_config_policy_set.',
    { policy_set_id: id.slice(0, 100) },
  );
}

export function noDraft(id: string): AppError {
  return new AppError(
    'DRAFT_NOT_FOUND',
    'There is no such draft.',
    'List the drafts with list_config_drafts; make one with create_config_draft.',
    { draft_id: id.slice(0, 100) },
  );
}

export function noArtifact(id: string): AppError {
  return new AppError(
    'ARTIFACT_NOT_FOUND',
    'There is no such artifact of this client and profile.',
    'List what was released with list_config_releases.',
    { artifact_id: id.slice(0, 100) },
  );
}

export function noRollout(id: string): AppError {
  return new AppError(
    'ROLLOUT_NOT_FOUND',
    'There is no such rollout under way.',
    'list_config_releases shows the rollouts that there were; publish_config with rollout_percentage begins one.',
    { rollout_id: id.slice(0, 100) },
  );
}

export function notPublished(client: string, profile: string): AppError {
  return new AppError(
    'NOT_PUBLISHED',
    `Nothing was released yet for ${client}/${profile}.`,
    'Publish a configuration with publish_config.',
    { client_id: client, profile },
  );
}

export function invalidDraft(errors: readonly Found[], report: unknown): AppError {
  return new AppError(
    'INVALID_DRAFT',
    `The draft cannot be released; the first problem: ${where(errors)}`.slice(0, 600),
    'Correct what details.report names and look at it again with validate_draft.',
    { report },
  );
}

export function policyDenied(id: string, found: readonly Found[], report: unknown): AppError {
  return new AppError(
    'POLICY_DENIED',
    `The policy set ${id} refuses the draft; the first reason: ${where(found)}`.slice(0, 600),
    'Take out what details.report.policy names, or have the policy set changed (put_config_policy_set).',
    { report },
  );
}

export function secretFound(found: readonly Found[], report: unknown): AppError {
  return new AppError(
    'SECRET_FOUND',
    `This holds what looks like a secret: ${where(found)}`.slice(0, 600),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the neutral form, not of ours
    'Put an input in its place: {"id": "…", "secret": true} in inputs and ${input:…} where the value stood; a changelog names none.',
    { report },
  );
}

export function invalid(code: string, what: string, problems: readonly Found[]): AppError {
  return new AppError(
    code,
    `${what} cannot be kept; the first problem: ${where(problems)}`.slice(0, 600),
    'Correct what details.problems names.',
    { problems: problems.slice(0, shown) },
  );
}

export function approvalRequired(details: {
  readonly draft_id: string;
  readonly approvals: number;
  readonly approvals_required: number;
}): AppError {
  const missing = details.approvals_required - details.approvals;
  return new AppError(
    'APPROVAL_REQUIRED',
    `The draft is kept as ${details.draft_id}; ${missing} more ${missing === 1 ? 'approval is' : 'approvals are'} needed.`,
    'Ask others than its author to look at it (get_config_draft) and to approve it (approve_config_draft), then publish_config with draft_id.',
    { ...details, missing },
  );
}

export function draftChanged(id: string, why: string): AppError {
  return new AppError(
    'DRAFT_CHANGED',
    `The approvals of this draft hold no longer: ${why}.`,
    'Look at it again (get_config_draft) and approve it anew, or make another draft with create_config_draft.',
    { draft_id: id },
  );
}

export function draftDecided(id: string, state: string): AppError {
  return new AppError(
    'DRAFT_DECIDED',
    `This draft is ${state} already.`,
    'Make another one with create_config_draft.',
    { draft_id: id, state },
  );
}

export function selfApproval(id: string): AppError {
  return new AppError(
    'SELF_APPROVAL',
    'Nobody approves a draft of their own.',
    'Ask another principal with the scope config:approve.',
    { draft_id: id },
  );
}

export function rolloutUnderWay(id: string): AppError {
  return new AppError(
    'ROLLOUT_UNDER_WAY',
    'A rollout of this client and profile is under way.',
    'Promote or abort it first (set_config_rollout); revert_config ends it and goes back.',
    { rollout_id: id },
  );
}

export function schemaIncompatible(accepted: readonly string[], offered: readonly string[]): AppError {
  return new AppError(
    'SCHEMA_INCOMPATIBLE',
    'Nothing that was released has a schema that this client accepts.',
    'Update the client, or have a configuration published for a schema version that it accepts.',
    { accept_schemas: accepted.slice(0, shown), released_schemas: offered.slice(0, shown) },
  );
}

function where([first]: readonly Found[]): string {
  return first ? `${first.pointer || 'the document'}: ${first.message}` : 'none was told.';
}
