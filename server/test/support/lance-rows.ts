import { connect } from '@lancedb/lancedb';

/** Prints all rows of a LanceDB table as JSON, in a process of its own: a test loads no engine. */
const [dir = '', name = ''] = process.argv.slice(2);
const table = await (await connect(dir)).openTable(name);
const rows = await table.query().toArray();
const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
process.stdout.write(
  JSON.stringify(
    rows.map((row) => ({ ...row })),
    plain,
  ),
);
