import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import type { Secrets } from '../../../core/secrets.ts';
import type { Settings } from '../../../core/settings.ts';
import { traced } from '../../../core/telemetry/trace.ts';
import type { DownstreamServer } from '../../../core/workflows-settings.ts';
import { type Connection, createConnection } from './connection.ts';
import { createEgressPool } from './egress-pool.ts';
import { createGate } from './gate.ts';
import { openNeedsOf, transportsOf } from './open-transport.ts';
import { createRegistry } from './registry.ts';
import { createServerTools } from './server-tools.ts';
import { keepTools, listKeptTools } from './store.ts';
import type { Downstream, DownstreamTool } from './types.ts';

export interface DownstreamNeeds {
  readonly db: Db;
  readonly secrets: Secrets;
  readonly settings: Settings;
  readonly log: Logger;
  /** Told of each call: the server, `ok` or how it failed, and how long it took with its wait for a place. */
  readonly onCall?: ((server: string, outcome: string, seconds: number) => void) | undefined;
  /** How long a breaker stays open, and how often connections that rest are looked at; tests have less patience. */
  readonly breakerMs?: number;
  readonly examineMs?: number;
}

/** Servers that start at once: each wants a processor and memory of its own. */
const startsAtOnce = 4;

/** Makes the one way of workflows to other MCP servers. */
export function createDownstream(needs: DownstreamNeeds): Downstream {
  const { db, log, breakerMs = 30_000, examineMs = 30_000 } = needs;
  const starts = createGate(startsAtOnce);
  const egress = createEgressPool(needs.settings['egress.allow']);
  const openNeeds = openNeedsOf(needs, egress);
  let kept: ReadonlyMap<string, readonly DownstreamTool[]> = new Map();
  const registry = createRegistry({ db, declared: needs.settings['workflows.servers'], connect, log });
  let examiner: NodeJS.Timeout | undefined;

  function connect(server: DownstreamServer): Connection {
    const { name } = server;
    const keep = (list: readonly DownstreamTool[]) => keepTools(db, name, list);
    return createConnection({
      server,
      open: transportsOf(server, openNeeds),
      tools: createServerTools({ server: name, log, kept: kept.get(name), keep }),
      starts,
      log,
      breakerMs,
      onCall: (outcome, seconds) => needs.onCall?.(name, outcome, seconds),
    });
  }

  async function of(name: string): Promise<Connection> {
    const found = await registry.find(name);
    if (found) return found;
    throw new AppError(
      'NOT_FOUND',
      `No downstream server ${JSON.stringify(name.slice(0, 100))} is declared.`,
      'See them with list_downstream_servers; the operator declares one with tutti server add, or in workflows.servers.',
    );
  }

  return {
    async call(name, tool, args, options = {}) {
      const connection = await of(name);
      const facts = { 'mcp.server': name, 'mcp.tool': tool };
      return traced(`tools/call ${name}`, { kind: 'client', facts }, () => connection.call(tool, args, options));
    },
    tools: async (name, refresh = false) => (await of(name)).tools(refresh),
    names: async () => (await registry.all()).map(({ server }) => server.name),
    status: () => registry.known().map((connection) => connection.status()),
    isIdempotent(name, tool) {
      const annotations = registry.peek(name)?.find(tool)?.annotations;
      return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
    },
    checksOutput(name, tool) {
      const connection = registry.peek(name);
      const known = connection?.find(tool);
      return known !== undefined && connection?.checksOutput(known) === true;
    },
    measures: () =>
      registry.known().flatMap((connection) => {
        const { name, state, active } = connection.status();
        const labels = { server: name };
        return [
          {
            name: 'tutti_downstream_breaker_open',
            help: breakerHelp,
            value: Number(state === 'breaker_open'),
            labels,
            counter: false,
          },
          {
            name: 'tutti_downstream_connected',
            help: connectedHelp,
            value: Number(state === 'connected'),
            labels,
            counter: false,
          },
          { name: 'tutti_downstream_calls_active', help: activeHelp, value: active, labels, counter: false },
        ];
      }),
    async start() {
      kept = await listKeptTools(db);
      await registry.all();
      examiner = setInterval(() => {
        for (const connection of registry.known()) void connection.examine();
      }, examineMs).unref();
    },
    async close() {
      clearInterval(examiner);
      await registry.close();
      await egress.close();
    },
  };
}

const breakerHelp = 'Whether a downstream server is not asked for now because it failed, 1 or 0.';
const connectedHelp = 'Whether this process is connected to a downstream server, 1 or 0.';
const activeHelp = 'Calls to a downstream server that are under way.';
