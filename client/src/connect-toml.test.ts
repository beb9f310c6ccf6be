import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { getFromToml, setInToml } from './connect-toml.ts';

const path = ['mcp_servers', 'tutti'] as const;
const entry = { url: 'http://127.0.0.1:7410/mcp', http_headers: { Authorization: 'Bearer "x"' } };
const put = (text: string) => setInToml(text, path, entry);

const other = `# my settings
model = "o5"   # odd   spacing
notes = """
[mcp_servers.tutti]
url = "no table"
"""

[mcp_servers.a]
args = [
  "x",
  "[mcp_servers.tutti]", # a string
]
`;

test.each([
  ['nothing', ''],
  ['other tables', other],
  ['other tables and no end of line', other.trimEnd()],
])('a table is added behind %s, of which every line stays', async (_what, text) => {
  const made = await put(text);
  expect(made.startsWith(text.trimEnd())).toBe(true);
  expect(await getFromToml(made, path)).toEqual(entry);
  expect(parse(made)).toEqual({
    ...parse(text),
    mcp_servers: { ...(parse(text).mcp_servers as object | undefined), tutti: entry },
  });
  expect(await put(made)).toBe(made);
});

test('its table and sub-tables are replaced, the comment of the next one stays', async () => {
  const text = `${other}
[ mcp_servers . "tutti" ] # ours
command = "old"
env = { A = "]" }

[mcp_servers.tutti.tools.x]
approval_mode = "auto"

# about b
[mcp_servers.b]
command = "b"
`;
  const made = await put(text);
  expect(made.startsWith(other)).toBe(true);
  expect(made.endsWith('\n# about b\n[mcp_servers.b]\ncommand = "b"\n')).toBe(true);
  expect(parse(made).mcp_servers).toMatchObject({ tutti: entry, b: { command: 'b' } });
  expect(made).not.toContain('approval_mode');
});

test.each([
  'mcp_servers = { tutti = { url = "x" } }\n',
  '[mcp_servers]\ntutti.url = "x"\n',
  'a = [1\n',
  'a = 1\na = 2\n',
])('%s cannot be changed line by line, and is refused', async (text) => {
  await expect(put(text)).rejects.toThrow(/file/);
});
