import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { putInto } from '../sandboxes/files.ts';
import type { SandboxNeeds } from '../sandboxes/needs.ts';
import { nameField, serviceField } from '../sandboxes/schemas.ts';
import { touchSandbox } from '../sandboxes/store.ts';
import { runningService, visibleSandbox } from '../sandboxes/visible.ts';

const file = z
  .strictObject({
    path: z.string().min(1).max(512).describe('Its path below the directory, such as src/server.js.'),
    text: z.string().max(2_000_000).optional().describe('Its content as text.'),
    base64: z.base64().max(2_800_000).optional().describe('Its content in base64.'),
    executable: z.boolean().optional().describe('Whether it may be run.'),
  })
  .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), 'has exactly one of text and base64');

export const putSandboxFiles = (needs: SandboxNeeds) =>
  tool({
    name: 'orcaops_put_sandbox_files',
    title: 'Put files into a sandbox',
    description:
      'Tutti ops: writes files into a service of a running sandbox, below a directory that is there, owned by the user of the service; files of the same names are replaced. Where the service may write nothing but volumes, the directory must be one. Files for a job are given to orcaops_run_job.',
    toolset: 'ops',
    effect: 'write',
    scope: 'ops:write',
    further: true,
    input: {
      name: nameField,
      service: serviceField,
      directory: z
        .string()
        .regex(/^(\/[A-Za-z0-9_@+.-]+)+$/, 'must be a plain absolute path')
        .refine((text) => !/\/\.{1,2}(\/|$)/.test(text), 'must have no part . or ..')
        .max(512)
        .describe('Directory in the container, such as /home/node.'),
      files: z.array(file).min(1).max(100).describe('The files.'),
    },
    output: z.looseObject({
      success,
      name: z.string().describe('Name of the sandbox.'),
      service: z.string().describe('The service.'),
      files: z
        .array(
          z.looseObject({
            path: z.string().describe('Where it is in the container.'),
            size_bytes: z.number().describe('Its bytes.'),
          }),
        )
        .describe('The files that were written.'),
      count: z.number().describe('How many.'),
    }),
    examples: [
      {
        title: 'Serve a page',
        input: {
          name: 'shop',
          service: 'node',
          directory: '/home/node',
          files: [{ path: 'server.js', text: "require('http').createServer((_, out) => out.end('hi')).listen(3000)" }],
        },
        output: {
          success: true,
          name: 'shop',
          service: 'node',
          files: [{ path: '/home/node/server.js', size_bytes: 76 }],
          count: 1,
        },
      },
    ],
    async run({ name, service, directory, files }, { db, principal }) {
      const sandbox = await visibleSandbox(db, principal, name);
      const target = await runningService(sandbox, service, needs);
      await touchSandbox(db, sandbox.id);
      const bodies = files.map(({ path, text, base64, executable }) => ({
        path,
        body: text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text),
        ...(executable && { executable }),
      }));
      await putInto(target.engine, target.id, directory, bodies);
      const written = bodies.map(({ path, body }) => ({ path: `${directory}/${path}`, size_bytes: body.length }));
      return { success: true as const, name, service: target.service, files: written, count: written.length };
    },
  });
