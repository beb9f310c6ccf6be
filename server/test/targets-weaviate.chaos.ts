import { afterAll, beforeAll, describe } from 'vitest';
import { searchedRows, testTarget } from './support/targets-contract.ts';
import { declaring, startWeaviate, type Weaviate } from './support/weaviate/start.ts';

describe('the target weaviate', () => {
  let weaviate: Weaviate;
  beforeAll(async () => {
    weaviate = await startWeaviate({ key: 'a-key-of-weaviate' });
  });
  afterAll(() => weaviate.stop());

  testTarget({
    target: 'weaviate',
    flags: () => declaring(weaviate.declared('main')),
    incremental: true,
    rows: searchedRows('weaviate'),
  });
});
