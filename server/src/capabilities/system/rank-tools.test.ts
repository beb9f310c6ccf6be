import { expect, test } from 'vitest';
import { fullCatalogue } from '../../../test/support/catalogue.ts';
import { rankTools } from './rank-tools.ts';

const { faces } = fullCatalogue();
const names = (query: string) => rankTools(faces, query).map((face) => face.name);

test('without words everything comes in the order of the catalogue', () => {
  expect(rankTools(faces, '')).toEqual(faces);
  expect(rankTools(faces, ' -_! ')).toEqual(faces);
});

test.each([
  ['cancel job', 'cancel_job'],
  ['Cancel JOBS', 'cancel_job'],
  ['upload', 'create_presigned_upload'],
  ['list datasets', 'list_datasets'],
  ['list_datasets', 'list_datasets'],
  ['ingest', 'start_ingest'],
  ['doubt', 'resolve_in_doubt_call'],
  ['presig', 'create_presigned_upload'],
])('%s finds %s first', (query, wanted) => {
  expect(names(query)[0]).toBe(wanted);
});

test('more matching words come before better places, and no word leads to nothing', () => {
  expect(names('job zzzz')).toEqual(names('job'));
  expect(names('zzzz')).toEqual([]);
  for (const query of ['__proto__', 'constructor', '.*', '\\', 'é']) expect(() => names(query)).not.toThrow();
});
