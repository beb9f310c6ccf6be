import { expect, test } from 'vitest';
import { readContract } from './document.ts';
import { rulesOf } from './rules.ts';

const head = `
apiVersion: v3.1.0
kind: DataContract
id: c1
version: 1.0.0
status: active
`;
const rules = (text: string) => rulesOf(readContract(head + text), 1000);
const problem = (text: unknown) => {
  try {
    readContract(text);
  } catch (error) {
    return (error as { details?: { problems?: string[] } }).details?.problems;
  }
  return undefined;
};

test('a property asks for what it says, under names that stay', () => {
  const found = rules(`
schema:
  - name: orders
    properties:
      - name: id
        physicalName: order id
        logicalType: integer
        primaryKey: true
        primaryKeyPosition: 1
        required: true
      - name: at
        logicalType: timestamp
        unique: true
        logicalTypeOptions: { minimum: 2026-01-01, timezone: true }
      - name: size
        logicalType: integer
        logicalTypeOptions: { format: u8, multipleOf: 2 }
      - name: code
        logicalType: string
        logicalTypeOptions: { minLength: 2, maxLength: 4, pattern: '^[A-Z]+$', format: password }
      - name: deep
        logicalType: object
        logicalTypeOptions: { required: [a] }
        properties: [{ name: a }]
`);
  expect(found.map(({ id, check }) => [id, check])).toEqual([
    ['orders.id.column', { kind: 'column', column: 'order id' }],
    ['orders.id.type', { kind: 'type', column: 'order id', type: 'integer' }],
    ['orders.id.required', { kind: 'null', column: 'order id' }],
    ['orders.at.column', { kind: 'column', column: 'at' }],
    ['orders.at.type', { kind: 'type', column: 'at', type: 'timestamp' }],
    ['orders.at.unique', { kind: 'duplicates', columns: ['at'] }],
    ['orders.at.minimum', { kind: 'time', column: 'at', bound: 'minimum', value: Date.UTC(2026, 0, 1) }],
    ['orders.size.column', { kind: 'column', column: 'size' }],
    ['orders.size.type', { kind: 'type', column: 'size', type: 'integer' }],
    ['orders.size.format_minimum', { kind: 'bound', column: 'size', bound: 'minimum', value: 0 }],
    ['orders.size.format_maximum', { kind: 'bound', column: 'size', bound: 'exclusiveMaximum', value: 256 }],
    ['orders.size.multipleOf', { kind: 'multiple', column: 'size', of: 2 }],
    ['orders.code.column', { kind: 'column', column: 'code' }],
    ['orders.code.type', { kind: 'type', column: 'code', type: 'string' }],
    ['orders.code.minLength', { kind: 'length', column: 'code', min: 2 }],
    ['orders.code.maxLength', { kind: 'length', column: 'code', max: 4 }],
    ['orders.code.pattern', { kind: 'values', column: 'code', pattern: '^[A-Z]+$' }],
    ['orders.code.format', { kind: 'skipped', reason: 'the format password is not checked' }],
    ['orders.deep.column', { kind: 'column', column: 'deep' }],
    ['orders.deep.type', { kind: 'type', column: 'deep', type: 'object' }],
    ['orders.deep.required_a', { kind: 'member', column: 'deep', name: 'a' }],
    ['orders.deep.nested', { kind: 'skipped', reason: 'what is inside of a value is not checked' }],
    ['orders.primary_key', { kind: 'duplicates', columns: ['order id'] }],
  ]);
});

test('quality rules keep their ids; those that are not run say why', () => {
  const found = rules(`
schema:
  - name: orders
    properties:
      - name: a
        physicalName: A
        quality:
          - { id: no_nulls, metric: nullValues, mustBe: 0, severity: Warning }
          - { metric: missingValues, arguments: { missingValues: [null, n/a] }, mustBeLessThan: 1, unit: percent }
          - { metric: invalidValues, arguments: { validValues: [x] }, mustBe: 0 }
          - { metric: invalidValues, mustBe: 0 }
          - { metric: nullValues, mustBe: 0, unit: furlongs }
          - { type: text, description: it is nice }
          - { type: custom, engine: soda, implementation: x }
          - { id: no_nulls, metric: duplicateValues, mustBeBetween: [0, 2] }
    quality:
      - { id: rows, metric: rowCount, mustBeGreaterThan: 0 }
      - { metric: duplicateValues, arguments: { properties: [a, b] }, mustBe: 0 }
      - { type: sql, query: 'select 1', mustBe: 1 }
`);
  expect(found.map(({ id, check, severity, unit, compare }) => ({ id, check, severity, unit, compare }))).toMatchObject(
    [
      { id: 'orders.a.column' },
      {
        id: 'no_nulls',
        check: { kind: 'null', column: 'A' },
        severity: 'warning',
        compare: { operator: 'mustBe', to: 0 },
      },
      { id: 'orders.a.missingValues_2', check: { kind: 'missing', values: [null, 'n/a'] }, unit: 'percent' },
      { id: 'orders.a.invalidValues_3', check: { kind: 'values', values: ['x'] }, severity: 'error' },
      { id: 'orders.a.invalidValues_4', check: { kind: 'skipped' } },
      { id: 'orders.a.nullValues_5', check: { kind: 'skipped', reason: 'the unit furlongs is not known' } },
      { id: 'orders.a.text_6', check: { kind: 'skipped' } },
      { id: 'orders.a.custom_7', check: { kind: 'skipped', reason: 'rules of the engine soda are not run' } },
      { id: 'orders.a.duplicateValues_8', compare: { operator: 'mustBeBetween', to: [0, 2] } },
      { id: 'rows', check: { kind: 'rows' } },
      { id: 'orders.duplicateValues_2', check: { kind: 'duplicates', columns: ['A', 'b'] } },
      { id: 'orders.sql_3', check: { kind: 'sql', query: 'select 1' } },
    ],
  );
});

test('relationships and latency find their columns by name and by id', () => {
  const found = rules(`
schema:
  - name: orders
    properties:
      - { name: customer, relationships: [{ to: customers.id }, { to: schema/cust/properties/key }, { to: 'other.yaml#/schema/a/properties/b' }] }
      - { name: at }
    relationships:
      - { from: [orders.customer, orders.at], to: [customers.id, customers.since] }
  - id: cust
    name: customers
    properties: [{ id: key, name: id, physicalName: ID }, { name: since }]
slaProperties:
  - { id: fresh, property: Latency, value: 2, unit: d, element: orders.at }
  - { property: latency, value: 2, unit: y, element: orders.at }
  - { property: retention, value: 3, unit: y }
`);
  expect(found.filter(({ id }) => /relationship|sla|fresh/.test(id))).toMatchObject([
    {
      id: 'orders.customer.relationship',
      check: { kind: 'reference', columns: ['customer'], to: 1, toColumns: ['ID'] },
    },
    { id: 'orders.customer.relationship_2', check: { to: 1, toColumns: ['ID'] } },
    { id: 'orders.customer.relationship_3', check: { kind: 'skipped' } },
    { id: 'orders.relationship', check: { columns: ['customer', 'at'], toColumns: ['ID', 'since'] } },
    { id: 'fresh', group: 0, check: { kind: 'latency', column: 'at', age: 2 * 86_400_000, now: 1000 } },
    { id: 'sla.latency', check: { kind: 'skipped' } },
    { id: 'sla.retention', check: { kind: 'skipped' } },
  ]);
});

test('what is no contract is refused with what is wrong', () => {
  for (const text of ['a: [', 'a: { b: ^[A-Z]+$, c: d }', 'a: 1\na: 2']) expect(problem(text)?.[0]).toMatch(/line \d/);
  expect(problem('just text')).toEqual(['it is no mapping']);
  expect(problem([])).toEqual(['it is no mapping']);
  expect(problem(head.replace('v3.1.0', 'v2.0.0'))).toEqual([expect.stringContaining('/apiVersion must be v3.1.0')]);
  expect(problem(`${head}schema: [{ properties: [] }]`)?.join()).toContain("required property 'name'");
  expect(problem(`${head}schema: [{ name: a, nonsense: 1 }]`)?.join()).toContain('nonsense');
  expect(problem(`${head}schema: [{ name: a, quality: [{ metric: rowCount }] }]`)?.join()).toContain('mustBe');
  const bomb = `a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n`;
  expect(problem(head + bomb)).toHaveLength(1);
  expect(() => readContract(`${head}name: ${'x'.repeat(2 ** 20)}`)).toThrow('larger than 1 MiB');
  const many = `schema: [{ name: a, properties: [${Array.from({ length: 2501 }, (_, n) => `{ name: c${n}, required: true }`)}] }]`;
  expect(() => rules(many)).toThrow('more than 5000 rules');
  expect(() => rules('schema: [{ name: a, properties: [{ name: b, relationships: [{ to: c.d }] }] }]')).toThrow(
    'c.d is no property',
  );
  expect(() =>
    rules('schema: [{ name: a, properties: [{ name: b, logicalType: date, logicalTypeOptions: { minimum: soon } }] }]'),
  ).toThrow('no ISO 8601');
});
