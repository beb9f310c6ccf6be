import { z } from 'zod';
import { sha256 } from '../../../core/canonical.ts';
import { tool } from '../../../core/tool.ts';
import { datasetId } from '../contract.ts';
import { checkPatterns } from '../contracts/check-patterns.ts';
import { readContract } from '../contracts/document.ts';
import { contractFields, toContract } from '../contracts/public.ts';
import { rulesOf } from '../contracts/rules.ts';
import { findContract, insertContract } from '../contracts/store.ts';
import type { EnginePool } from '../engine/pool.ts';
import { noDataset } from '../errors.ts';
import { lockDataset } from '../store.ts';

export const setContract = (engines: EnginePool) =>
  tool({
    name: 'set_contract',
    title: 'Set a data contract',
    description:
      'Tutti lake: gives a dataset a contract of the Open Data Contract Standard v3.1.0, as an object or as YAML. It is checked as a whole first, then kept as a new, numbered revision that never changes; the same content again answers the same revision. From then on validate checks its rules. infer_contract drafts one from the data.',
    toolset: 'lake',
    effect: 'write',
    scope: 'lake:write',
    input: {
      dataset_id: datasetId,
      contract: z
        .union([z.string().min(1), z.record(z.string(), z.unknown())])
        .describe('The contract: an object, or its YAML or JSON text. At most 1 MiB.'),
    },
    output: z.looseObject(contractFields),
    async run({ dataset_id, contract: given }, { db }) {
      const contract = readContract(given);
      const rules = rulesOf(contract, 0);
      await checkPatterns(rules, engines);
      if (!(await lockDataset(db, dataset_id))) throw noDataset(dataset_id);
      const hash = sha256(contract);
      const current = await findContract(db, dataset_id);
      if (current?.hash === hash) return toContract(current);
      const revision = (current?.revision ?? 0) + 1;
      return toContract(await insertContract(db, { dataset_id, revision, hash, contract }));
    },
  });
