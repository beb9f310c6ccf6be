/** Graph Ingestion: who sent what, and of which category it is. Usage: graph.ts [--store <directory>] */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Pattern, readQuery } from './cypher.ts';
import { addResource, addTool, classification, email, node, serve } from './serve.ts';
import { openStore } from './store.ts';

type Node = z.output<typeof node>;
interface Edge {
  readonly type: string;
  readonly from: string;
  readonly to: string;
}

const { values } = parseArgs({ options: { store: { type: 'string', default: 'graph' } } });
const nodes = openStore<Node>(`${values.store}/nodes`);
const edges = openStore<Edge>(`${values.store}/edges`);

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

function link(type: string, from: string, to: string): void {
  edges.put(hash(`${from} ${type} ${to}`), { type, from, to });
}

function put(node_id: string, label: string, properties: Node['properties']): Node {
  const made = { node_id, labels: [label], properties };
  nodes.put(node_id, made);
  return made;
}

function fits({ labels, properties }: Node, pattern: Pattern): boolean {
  if (pattern.label !== undefined && !labels.includes(pattern.label)) return false;
  return Object.entries(pattern.properties).every(([name, value]) => properties[name] === value);
}

function query(text: string): Node[] {
  const { from, edge, returns, limit } = readQuery(text);
  const starts = nodes.all().filter((one) => fits(one, from));
  if (!edge) return starts.slice(0, limit);
  const ids = new Set(starts.map((one) => one.node_id));
  const paths = edges.all().flatMap(({ type, from: start, to }) => {
    const end = type === edge.type && ids.has(start) ? nodes.get(to) : undefined;
    return end && fits(end, edge.to) ? [{ from: start, to }] : [];
  });
  const found = new Set(paths.map((path) => path[returns]));
  return nodes
    .all()
    .filter((one) => found.has(one.node_id))
    .slice(0, limit);
}

serve('graph', (server) => {
  addTool(
    server,
    'add_to_graph',
    {
      description: 'Adds a mail with its sender and its category. The same mail again takes its own place.',
      input: z.object({ email, classification }),
      output: node,
      writes: true,
    },
    ({ email: { id, subject, body, from, date }, classification: { category } }) => {
      const sender = put(`sender-${hash(from)}`, 'Sender', { from });
      const kind = put(`category-${hash(category)}`, 'Category', { name: category });
      const mail = put(`email-${id}`, 'Email', { email_id: id, subject, body, from, date, category });
      link('SENT', sender.node_id, mail.node_id);
      link('IS', mail.node_id, kind.node_id);
      return mail;
    },
  );
  addTool(
    server,
    'query_graph',
    {
      description: "Finds nodes by a part of Cypher: MATCH (s:Sender)-[:SENT]->(m:Email {category: 'urgent'}) RETURN s",
      input: z.object({ query: z.string() }),
      output: z.object({ result: z.array(node) }).meta({ 'x-fastmcp-wrap-result': true }),
    },
    ({ query: text }) => ({ result: query(text) }),
  );
  addResource(server, 'graph', 'A node by its id', nodes.get);
});
