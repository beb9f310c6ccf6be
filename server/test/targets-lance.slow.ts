import { searchedRows, testTarget } from './support/targets-contract.ts';

testTarget({ target: 'lance', incremental: true, rows: searchedRows('lance') });
