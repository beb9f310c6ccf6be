import { readFileSync } from 'node:fs';
import { isExport, readerOf, readLimited, replace } from './config-files.ts';
import { badInput } from './error.ts';
import type { Terminal } from './terminal.ts';
import { answerLimits, verifyAnswer } from './verify/answer.ts';
import { type Verified, verifyExported, verifyWhole } from './verify/export.ts';
import { notAuthentic } from './verify/refusal.ts';
import { parseStrict } from './verify/strict-json.ts';
import { type PublicKey, type TrustedKey, trustKey } from './verify/trusted-key.ts';

export interface VerifyFlags {
  /** A file with the answer of list_signing_keys. */
  readonly keys?: string;
  readonly client?: string;
  readonly profile?: string;
  readonly tenant: string;
  readonly schema?: string;
  readonly fingerprint?: string;
  /** A file that keeps the highest sequence of each configuration that was taken. */
  readonly state?: string;
  readonly text?: boolean;
}

/**
 * `tutti config verify <from>`: verifies an export in a folder or at an address, or one answer of get_config in a file,
 * against public keys that are trusted already. No server is asked.
 */
export async function verifyConfigs(from: string, flags: VerifyFlags, terminal: Terminal): Promise<number> {
  const trusted = await readKeys(flags.keys);
  const { client: client_id, profile, tenant } = flags;
  if ((client_id === undefined) !== (profile === undefined)) {
    throw badInput(
      'A configuration is that of a client and a profile.',
      'Give both --client and --profile, or neither.',
    );
  }
  const now = new Date();
  if (client_id === undefined || profile === undefined) {
    if (!(await isExport(from))) throw badInput(`${from} is one configuration.`, 'Say whose: --client and --profile.');
    const { files, releases } = await verifyWhole(readerOf(from), { tenant, now }, trusted);
    terminal.out(`${from} is whole and genuine: ${files.length} files, ${releases.length} releases.\n`);
    return 0;
  }
  const name = `${tenant}/${client_id}/${profile}`;
  const seen = readState(flags.state);
  const expected = { tenant, client_id, profile, lastSequence: seen[name] ?? 0, fingerprint: flags.fingerprint, now };
  const found = (await isExport(from))
    ? await verifyExported(readerOf(from), { ...expected, schema: flags.schema }, trusted)
    : verifyAnswer(await readLimited(from, answerLimits.bytes), expected, trusted);
  const { artifact, statement } = found;
  if (flags.state !== undefined) {
    await replace(flags.state, `${JSON.stringify({ ...seen, [name]: statement.sequence }, null, 2)}\n`, 0o600);
  }
  terminal.out(flags.text ? artifact.text : `${JSON.stringify(shown(found), null, 2)}\n`);
  return 0;
}

function shown({ artifact, statement, schema }: Omit<Verified, 'schema'> & { readonly schema?: string }) {
  const { client_id, profile, version, schema_ref, policy_set_id, provenance } = artifact;
  const { artifact_id, sequence, changelog, issued_at, expires_at } = statement;
  const said = { artifact_id, sequence, changelog, issued_at, expires_at };
  return {
    verified: true,
    client_id,
    profile,
    version,
    ...said,
    schema_ref,
    ...(schema !== undefined && { schema }),
    policy_set_id,
    publisher_id: provenance.publisher_id,
  };
}

async function readKeys(file: string | undefined): Promise<TrustedKey[]> {
  if (file === undefined) {
    throw badInput(
      'There are no keys to verify with.',
      'Give the answer of list_signing_keys, taken once over a way that you trust, with --keys <file>.',
    );
  }
  const { items } = (parseStrict(await readLimited(file)) ?? {}) as { items?: unknown };
  const isKey = (one: unknown): one is PublicKey =>
    (['key_id', 'alg', 'public_key'] as const).every((name) => typeof (one as PublicKey | null)?.[name] === 'string');
  if (!Array.isArray(items) || items.length === 0 || !items.every(isKey)) {
    throw badInput(
      `${file} holds no keys.`,
      'It must be what list_signing_keys answers: {"items": [{key_id, alg, public_key}]}.',
    );
  }
  return items.map(({ key_id, alg, public_key }) => trustKey({ key_id, alg, public_key }));
}

function readState(file: string | undefined): Readonly<Record<string, number>> {
  let text: string;
  try {
    text = file === undefined ? '{}' : readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const state = parseStrict(text);
  const isState = (value: unknown): value is Record<string, number> =>
    typeof value === 'object' && value !== null && Object.values(value).every(Number.isSafeInteger);
  // Read as nothing, a state that broke would let an old release pass.
  if (!isState(state)) throw notAuthentic('state', `${file} does not tell what was taken before`);
  return state;
}
