import { describe } from 'vitest';
import { searchedRows, testTarget } from './support/targets-contract.ts';

describe('the target postgres', () =>
  testTarget({ target: 'postgres', incremental: true, rows: searchedRows('postgres') }));
