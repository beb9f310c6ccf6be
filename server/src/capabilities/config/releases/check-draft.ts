import type { Db } from '../../../core/db/database.ts';
import { resolveDraft } from '../catalog/resolve.ts';
import { findCatalogRow } from '../catalog/store.ts';
import { builtInFamily } from '../families/built-in.ts';
import { checkPayload, schemaOf } from '../families/check.ts';
import type { Family, FamilySchema, Rendered } from '../families/family.ts';
import { requireFamily } from '../families/find.ts';
import { envOf, type NeutralConfig, parseNeutral } from '../families/neutral.ts';
import { render, renderOpaque } from '../families/render.ts';
import { type JsonValue, strictValue } from '../integrity/parse-strict.ts';
import { canonicalBytes, contentId } from '../integrity/sign.ts';
import { evaluate, judge } from '../policy/evaluate.ts';
import { findPolicySet } from '../policy/find.ts';
import type { PolicyContext } from '../policy/world.ts';
import type { Profile } from '../profiles/store.ts';
import { scanChangelog } from '../secrets/changelog.ts';
import { scanForSecrets } from '../secrets/scan.ts';
import type { DraftBody } from './draft-body.ts';
import { failedReport, type Report, toReport } from './report.ts';
import type { NamedInput } from './store.ts';

/** What is released of a draft that passed. */
export interface Made {
  readonly rendered: Rendered;
  readonly payload_hash: string;
  readonly schema: FamilySchema;
  readonly inputs: NamedInput[];
  /** The catalogue entries that it was made of. */
  readonly sources: string[];
  readonly policy_inputs: Record<string, JsonValue>;
}

export interface Checked {
  readonly report: Report;
  /** Absent when the report is not valid. */
  readonly made?: Made;
}

/**
 * Takes a draft through all that stands before its release: shape, policy, secrets, rendering, the client's schema and own
 * rules, and policy again on what the client will read. Everything that is found is in the report; nothing is kept.
 */
export async function checkDraft(
  db: Db,
  { body, profile, now }: { readonly body: DraftBody; readonly profile: Profile; readonly now: Date },
): Promise<Checked> {
  const family = await requireFamily(db, body.client_id);
  const { id: policy_set_id, set } = await findPolicySet(db, body.policy_set_id);
  const schema = schemaOf(family, body.schema_version ?? undefined);
  if (!schema) {
    return { report: failedReport(policy_set_id, `There is no schema ${body.schema_version} of ${body.client_id}.`) };
  }
  const secrets = [...scanForSecrets(body.payload, set?.secrets), ...scanChangelog(body.changelog)];
  const find = (name: string, version: string) => findCatalogRow(db, name, version);
  const read = family.form === 'neutral' ? await resolveDraft(body.payload, find) : undefined;
  if (read && !read.config) return { report: toReport({ policy_set_id, problems: read.problems, secrets }) };

  const context: PolicyContext = {
    client: { id: family.client_id, version: schema.version, form: family.form },
    profile: profile.profile,
    tags: [...profile.tags].sort(),
    claims: body.claims,
    now: now.toISOString(),
  };
  const subject = read?.config ? { neutral: read.config } : { payload: body.payload };
  const changed = set && evaluate(set, subject, context);
  // What policy made of it; without any, what it was.
  const result = changed ? changed.result : (read?.config ?? body.payload);
  const neutral = read && parseNeutral(result);
  if (neutral && !neutral.config) {
    const evaluations = changed ? [changed] : [];
    return { report: toReport({ policy_set_id, problems: neutral.problems, evaluations, secrets }) };
  }
  const rendered = renderedBy(family, neutral?.config ?? result);
  const judged = set && judge(set, { payload: rendered.payload }, context);
  const payload_hash = contentId(canonicalBytes(rendered.payload));
  const report = toReport({
    policy_set_id,
    problems: [
      ...(read?.problems ?? []),
      ...deprecated(schema, now),
      ...checkPayload(family, schema.version, rendered.payload, rendered.text),
    ],
    losses: rendered.losses,
    evaluations: [changed, judged].filter((one) => one !== undefined),
    secrets: [...secrets, ...scanForSecrets(rendered.payload, set?.secrets)],
    payload_hash,
  });
  if (!report.valid) return { report };
  const made: Made = {
    rendered,
    payload_hash,
    schema,
    inputs: neutral?.config ? inputsOf(neutral.config) : [],
    sources: [...(read?.sources ?? [])],
    policy_inputs: strictValue({ ...context, rules: changed?.rules ?? {} }) as Record<string, JsonValue>,
  };
  return { report, made };
}

function renderedBy(family: Family, result: unknown): Rendered {
  const builtIn = builtInFamily(family.client_id);
  return builtIn ? render(builtIn, result as NeutralConfig) : renderOpaque(family, result as JsonValue);
}

function deprecated({ version, deprecated_at }: FamilySchema, now: Date) {
  if (deprecated_at === undefined || Date.parse(deprecated_at) > now.getTime()) return [];
  const message = `The schema ${version} is deprecated since ${deprecated_at}.`;
  return [{ pointer: '', message, severity: 'warning' as const }];
}

function inputsOf({ inputs }: NeutralConfig): NamedInput[] {
  return inputs.map((input) => ({
    id: input.id,
    env: envOf(input),
    secret: input.secret ?? false,
    ...(input.description !== undefined && { description: input.description }),
  }));
}
