import { z } from 'zod';
import { canSee, type Principal } from '../../../core/auth/principal.ts';
import type { Catalogue } from '../../../core/catalogue.ts';
import type { Db } from '../../../core/db/database.ts';
import { isStorable } from '../../../core/storable.ts';
import { findWebhook } from '../../../core/webhooks/store.ts';
import { type CallableTool, checkAgainstServers, type ServerLookup } from '../definition/check-servers.ts';
import { mostBytes } from '../definition/document.ts';
import type { Envelope } from '../definition/envelope.ts';
import type { Machine } from '../definition/machine.ts';
import type { Reader } from '../definition/reader.ts';
import { serversOf } from '../definition/walk.ts';
import type { Downstream } from '../downstream/types.ts';
import type { Problem } from '../errors.ts';
import type { CheckedDefinition } from './put.ts';

/** The server of this name is ourselves. */
const ownServer = 'tutti';
/** How long a check waits for servers that were never reached. */
const lookupMs = 5000;

export const documentField = z
  .string()
  .min(1)
  .max(mostBytes)
  .describe(
    'The definition: YAML or JSON, an envelope around a state machine in the Amazon States Language with JSONata.',
  );

export interface CheckNeeds {
  readonly downstream: Pick<Downstream, 'tools' | 'names'>;
  readonly catalogue: () => Catalogue;
  readonly reader: Pick<Reader, 'read'>;
}

export interface Checked {
  /** Absent where it cannot be read. */
  readonly checked?: CheckedDefinition;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Checks a document: its form, its machine, and what the servers offer that it names. */
export async function checkDocument(
  document: string,
  { db, principal }: { readonly db: Db; readonly principal: Principal },
  needs: CheckNeeds,
): Promise<Checked> {
  const parsed = await needs.reader.read(document);
  if (!parsed.ok) return { problems: parsed.problems, warnings: [] };
  const { envelope, machine } = parsed;
  const { lookup, unlisted } = await lookUp(machine, needs);
  return {
    checked: { document, envelope, machine },
    problems: checkAgainstServers(machine, lookup, envelope.scopes),
    warnings: [
      ...unlisted.map(unchecked),
      ...(await deafTriggers(db, principal, envelope)),
      ...envelope.scopes.filter((scope) => !principal.scopes.has(scope)).map(lacking),
    ],
  };
}

async function lookUp(
  machine: Machine,
  { downstream, catalogue }: CheckNeeds,
): Promise<{ lookup: ServerLookup; unlisted: string[] }> {
  const declared = new Set(await downstream.names());
  const known = new Map<string, ReturnType<ServerLookup>>([[ownServer, catalogue().faces.map(callable)]]);
  await Promise.all(
    serversOf(machine).map(async (server) => {
      if (known.has(server)) return;
      known.set(server, declared.has(server) ? await toolsOf(server, downstream) : 'undeclared');
    }),
  );
  const unlisted = [...known].flatMap(([server, tools]) => (tools === 'unlisted' ? [server] : []));
  return { lookup: (server) => known.get(server) ?? 'undeclared', unlisted };
}

async function toolsOf(server: string, downstream: CheckNeeds['downstream']): Promise<ReturnType<ServerLookup>> {
  const late = new Promise<'unlisted'>((resolve) => setTimeout(resolve, lookupMs, 'unlisted').unref());
  // One that is away must not keep a definition from being put: its tools are known once it answers.
  const asked = downstream.tools(server).catch(() => 'unlisted' as const);
  return Promise.race([asked, late]);
}

/** The triggers that would never start anything: whoever puts the workflow acts for them, and has no such webhook. */
async function deafTriggers(db: Db, principal: Principal, { triggers }: Envelope): Promise<Problem[]> {
  const deaf: Problem[] = [];
  for (const [at, { webhook }] of triggers.entries()) {
    if (!webhook) continue;
    const found = isStorable(webhook.source) ? await findWebhook(db, webhook.source) : undefined;
    const heard = found?.direction === 'in' && canSee(principal, { toolset: 'system', owner: found.principal_id });
    if (!heard) deaf.push(noWebhook(at));
  }
  return deaf;
}

function noWebhook(at: number): Problem {
  return {
    path: `triggers[${at}].webhook.source`,
    message: 'You have no incoming webhook of this id, so it starts nothing.',
    suggestion: 'See list_webhooks; make one with put_webhook and direction "in".',
  };
}

function callable({ name, inputSchema, scope }: CallableTool): CallableTool {
  return { name, inputSchema, ...(scope !== undefined && { scope }) };
}

function unchecked(server: string): Problem {
  return {
    path: 'definition',
    message: `The tools of ${server} could not be had, so calls of them are not checked.`,
    suggestion: 'See list_downstream_servers; call validate_workflow again once the server answers.',
  };
}

function lacking(scope: string): Problem {
  return {
    path: 'scopes',
    message: `You do not have ${scope} yourself: runs that you start cannot use it.`,
    suggestion: `Ask the operator for a token with ${scope}, or have somebody else run it.`,
  };
}
