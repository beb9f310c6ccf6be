import { expect, test } from 'vitest';
import { runResults } from '../../../../../examples/orchestra-simulator/data/files.ts';
import { failedNodes, isRunResults } from './run-results.ts';

const text = (results: Parameters<typeof runResults>[0]) => String(runResults(results).body);

test('models that failed are told; warnings only where nothing failed', () => {
  const warning = { id: 'test.shop.a', status: 'warn', message: 'Got 3 results' };
  const error = { id: 'model.shop.b', status: 'error', message: 'Database Error', code: 'select 1' };
  expect(failedNodes(text([warning, { id: 'model.shop.c', status: 'success' }, error]))).toEqual([
    { uniqueId: 'model.shop.b', status: 'error', message: 'Database Error', compiledCode: 'select 1' },
  ]);
  expect(failedNodes(text([warning]))?.map(({ uniqueId }) => uniqueId)).toEqual(['test.shop.a']);
  expect(failedNodes(text([]))).toEqual([]);
});

test('what is none is null, and fields of other types are read as nothing', () => {
  for (const other of ['', 'null', '[]', '{"results": 1}', '{"results": [', '<html>'])
    expect(failedNodes(other)).toBeNull();
  expect(failedNodes('{"results": [null, 1, {"status": "error", "unique_id": 7, "message": {}}]}')).toEqual([
    { uniqueId: '', status: 'error', message: '', compiledCode: null },
  ]);
});

test('it is known by its name in whatever folder', () => {
  expect(['run_results.json', 'target/run_results.json', '1\\run_results.json'].every(isRunResults)).toBe(true);
  expect(['my_run_results.json', 'run_results.json.gz', 'manifest.json'].some(isRunResults)).toBe(false);
});
