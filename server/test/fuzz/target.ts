import { openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { startSimulator } from '../../../examples/orchestra-simulator/server.ts';
import { addErrorCodes } from '../../src/core/errors.ts';
import { slicesWithoutServer } from '../support/catalogue.ts';
import { readClusterPid } from '../support/cluster-pid.ts';
import { dockerHost, nowhere } from '../support/docker-host.ts';
import { startOidcIssuer } from '../support/oidc-issuer.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import type { Schema } from './from-schema.ts';
import { createLive, type Live } from './live.ts';
import type { Judge } from './oracle.ts';
import { addTokens, keysOf, plantFiles, run } from './plant.ts';
import { startSink } from './sink.ts';
import type { KnownTool } from './tool-calls.ts';

/** A real server with something in it, tokens of every kind, and planted secrets. */
export interface Target {
  readonly server: ServeProcess;
  readonly dataDir: string;
  readonly control: string;
  readonly logFile: string;
  readonly tools: readonly KnownTool[];
  readonly live: Live;
  readonly judge: Judge;
  stop(): Promise<void>;
}

interface Operation {
  readonly tags: readonly [string];
  readonly 'x-effect': string;
  readonly 'x-scope': string;
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: {
    readonly 200: {
      readonly content: { readonly 'application/json': { readonly schema: z.core.JSONSchema.JSONSchema } };
    };
  };
}

/** Starts it in a directory of its own. */
export async function startTarget(maxBodyBytes: number): Promise<Target> {
  const directory = makeTempDir('fuzz');
  const dataDir = path.join(directory, 'data');
  const logFile = path.join(directory, 'server.log');
  const { declared, outside, canaries } = plantFiles(directory);
  const issuer = await startOidcIssuer(['lake:read', 'lake:write', 'system:read', 'system:write']);
  const sink = await startSink();
  const orchestra = await startSimulator({ key: canaries.orchestra });
  const server = await serveProcess(
    dataDir,
    [
      ...['calls', 'failed-auth'].flatMap((what) => [`--limits-${what}-per-minute`, '10000000']),
      ...['--log-level', 'debug', '--max-body-bytes', String(maxBodyBytes)],
      ...['--lake-roots', declared],
      // With an engine jobs are run; without one its absence is told.
      ...['--ops-docker-host', dockerHost || nowhere],
      ...['--oidc-issuer', issuer.url, '--egress-allow', '127.0.0.1', '--oidc-audience', 'fuzz'],
      ...['--orchestra-api-base-url', orchestra.url, '--orchestra-allow-writes'],
    ],
    { env: { FUZZ_CANARY: canaries.variable, ORCHESTRA_API_KEY: canaries.orchestra }, logFile: openSync(logFile, 'w') },
  );
  const stop = async () => {
    // A server that crashed leaves its database behind.
    if ((await server.stop()) !== 0) process.kill(readClusterPid(dataDir), 'SIGINT');
    await issuer.stop();
    await orchestra.close();
    sink.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const live = createLive();
    live.add('root', declared);
    const tokens = await addTokens(live, dataDir, server.token, issuer);
    await run('secret', 'set', 'canary', '--env', 'FUZZ_CANARY', '--data-dir', dataDir);
    await run('secret', 'grant', 'canary', '--toolset', 'system', '--data-dir', dataDir);
    await fillServer(server, live);
    live.add('sink', sink.url);
    live.add('hook-secret', canaries.variable);
    for (const slice of slicesWithoutServer()) addErrorCodes(slice.errors);
    const tools = await describedTools(server.url);
    const { control } = JSON.parse(readFileSync(path.join(dataDir, 'server.json'), 'utf8')) as { control: string };
    return {
      ...{ server, dataDir, control, logFile, live, stop },
      tools: tools.map(({ output: _, ...tool }) => tool),
      judge: {
        secrets: {
          values: new Map([...Object.entries(canaries), ...tokens, ...keysOf(dataDir)]),
          declared: new URL(declared).pathname,
          paths: [dataDir, outside, logFile, path.resolve(import.meta.dirname, '../../..')],
        },
        tools: new Map(tools.map((tool) => [tool.name, tool])),
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One dataset that is ingested, one with something staged, one that is empty, a job, and an incoming webhook. */
async function fillServer(server: ServeProcess, live: Live): Promise<void> {
  const ok = async (name: string, input: object) => {
    const { status, body } = await server.call(name, input);
    if (status !== 200) throw new Error(`${name} answered ${status} ${JSON.stringify(body)}`);
    live.learn(JSON.stringify(body));
    return body as { id: string; url: string; headers: Record<string, string> };
  };
  const rows = 'id,color,year,price,note\n1,red,1980,9.5,fast\n2,blue,1990,,x\n3,red,2026,1e3,"a, b"\n';
  for (const name of ['ingested', 'staged', 'empty']) {
    const { id } = await ok('register_dataset', { name, uri: `tutti://${name}`, tags: ['a'], labels: { a: 'b' } });
    if (name === 'empty') continue;
    const { url, headers } = await ok('create_presigned_upload', { dataset_id: id, object_key: 'cars.csv' });
    await fetch(url, { method: 'PUT', headers, body: rows });
    if (name === 'staged') continue;
    await ok('commit_dataset_version', { dataset_id: id, version: 'v1' });
    const job = await ok('start_ingest', { dataset_id: id, target: 'lance' });
    await ok('job_status', { job_id: job.id, wait_s: 10 });
    await ok('list_datasets', { page_size: 1 });
    await ok('poll_events', { since: '0.0' });
  }
  await ok('list_pipeline_runs', { limit: 20 });
  await ok('whats_broken', {});
  const { body } = await server.call('put_webhook', {
    name: 'hook',
    direction: 'in',
    verify: 'bearer',
    secret: 'secret:canary',
  });
  live.add('hook', String(body.id));
  live.spare(String(body.id));
}

/** The tools as the live OpenAPI description has them. */
async function describedTools(url: string): Promise<(KnownTool & { output: z.ZodType })[]> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, { post?: Operation }>;
  };
  const tools = Object.entries(paths).flatMap(([address, { post }]) => (post ? [{ address, post }] : []));
  return tools.map(({ address, post }) => ({
    name: address.replace('/tools/', ''),
    toolset: post.tags[0],
    effect: post['x-effect'],
    scope: post['x-scope'],
    inputSchema: post.requestBody.content['application/json'].schema,
    output: z.fromJSONSchema(post.responses[200].content['application/json'].schema),
  }));
}
