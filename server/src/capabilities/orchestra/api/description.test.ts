import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { differences } from '../../../../../scripts/compare-orchestra-api.ts';
import { describeApi } from './description.ts';
import kept from './openapi.json' with { type: 'json' };

test('the kept description is the one that the schemas make, and valid OpenAPI 3.1', async () => {
  expect(kept, 'make it anew: node scripts/compare-orchestra-api.ts --write').toEqual(
    JSON.parse(JSON.stringify(describeApi())),
  );
  expect(await new Validator().validate(structuredClone(kept))).toMatchObject({ valid: true });
});

test('it promises what was seen, not how leniently that is read', () => {
  const { PipelineRun, StartRequest } = kept.components.schemas;
  expect(PipelineRun.required).toEqual(expect.arrayContaining(['id', 'runStatus', 'message', 'createdAt']));
  expect(PipelineRun.properties.runStatus.enum).toContain('SKIPPED');
  expect(StartRequest.additionalProperties).toBe(false);
  expect(Object.keys(StartRequest.properties)).not.toContain('cause');
});

/** A live description with all that is used, in the API's own names. */
function live() {
  const text = JSON.stringify(kept).replaceAll(
    /"(PipelineRun|TaskRun|Operation|Pipeline)":\{"type"/g,
    '"$1Response":{"type"',
  );
  return JSON.parse(text.replaceAll('"StartRequest":{', '"WebhookRequestData":{'));
}

test('a live description is held against the kept one', () => {
  expect(differences(kept, live())).toEqual([]);
  const changed = live();
  delete changed.paths['/public/task_runs'];
  delete changed.paths['/public/pipeline_runs/{pipeline_run_id}'];
  changed.paths['/public/operations'].get.parameters = [];
  delete changed.components.schemas.PipelineRunResponse.properties.message;
  changed.components.schemas.PipelineResponse.required = ['id'];
  delete changed.components.schemas.OperationResponse;
  const found = differences(kept, changed);
  expect(found).toEqual(
    expect.arrayContaining([
      'GET /public/task_runs: is not there',
      'GET /public/operations: has no parameter task_run_id',
      'PipelineRunResponse: has no message',
      'PipelineResponse: name may be missing',
      'OperationResponse: is not there',
    ]),
  );
  // Told of, never seen: it may be missing.
  expect(found.join()).not.toContain('{pipeline_run_id}:');
  expect(differences(kept, {})).not.toEqual([]);
});
