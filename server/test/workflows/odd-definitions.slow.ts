import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorkflowServer, type WorkflowServer } from '../support/workflows.ts';

let server: WorkflowServer;
beforeAll(async () => {
  server = await startWorkflowServer();
});
afterAll(() => server.stop());

const oddText = fc.oneof(
  fc.constantFrom('\0', '\ud800', '\udfff x', '__proto__', '#/%', '\\u0000', '1e400', '\u2028', 'constructor'),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const oddNumber = fc.constantFrom(0, -0, 1e308, 5e-324, -1e-7, 2 ** 53 + 2, 1e21);
const oddValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    oddText,
    oddNumber,
    fc.constantFrom(null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(oddText, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const oddSchema = fc.oneof(
  fc.record({ $ref: oddText.map((text) => `#/${text}`) }),
  fc.record({ const: oddValue }),
  fc.record({ properties: fc.dictionary(oddText, fc.record({ default: oddValue })) }),
  fc.record({ pattern: oddText }),
);
const document = fc.record(
  {
    name: fc.constantFrom('odd-a', 'odd-b'),
    description: oddText,
    input: oddSchema,
    outcome: fc.record({ summary: oddText }),
    triggers: fc.array(
      fc.oneof(
        fc.record({ webhook: fc.record({ source: oddText }), input: oddValue }),
        fc.record({ event: fc.record({ type: fc.constant('test.odd') }), input: oddValue }),
        fc.record({ schedule: fc.record({ cron: oddText, timezone: oddText }) }),
      ),
      { maxLength: 2 },
    ),
    definition: fc.record({
      QueryLanguage: fc.constant('JSONata'),
      StartAt: fc.constant('A'),
      States: fc.record({ A: fc.record({ Type: fc.constant('Pass'), Output: oddValue, End: fc.constant(true) }) }),
    }),
  },
  { requiredKeys: ['name', 'definition'] },
);

test('whatever a document holds, and whoever puts another one at once, it is taken or refused in words', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(document, { minLength: 1, maxLength: 4 }), async (documents) => {
      const put = async (one: unknown) => {
        const { status, body } = await server.call('put_workflow', { definition: JSON.stringify(one) });
        expect({ status, code: body.error?.code }).toEqual(
          status === 200 ? { status, code: undefined } : { status: 422, code: 'INVALID_WORKFLOW' },
        );
        if (status !== 200) return;
        await server.ok('get_workflow', { name: body.name, version: body.version, include_diagram: true });
      };
      await Promise.all(documents.map(put));
    }),
    { numRuns: 10 },
  );
  await server.ok('list_workflows');
});

test('a large document is read while others are answered', async () => {
  const States = Object.fromEntries(
    Array.from({ length: 4000 }, (_, at) => [
      `s${at}`,
      { Type: 'Pass', ...(at < 3999 ? { Next: `s${at + 1}` } : { End: true }) },
    ]),
  );
  const definition = JSON.stringify({ name: 'large', definition: { QueryLanguage: 'JSONata', StartAt: 's0', States } });
  let answered = 0;
  let reading = true;
  const large = server.ok('put_workflow', { definition }).finally(() => {
    reading = false;
  });
  while (reading) {
    await server.ok('get_status');
    if (reading) answered += 1;
  }
  expect(await large).toMatchObject({ version: 1, created: true });
  expect(answered).toBeGreaterThan(1);
});
