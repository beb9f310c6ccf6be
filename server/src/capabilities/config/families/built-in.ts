import { claudeCode } from './clients/claude-code.ts';
import { claudeDesktop } from './clients/claude-desktop.ts';
import { cline } from './clients/cline.ts';
import { codex } from './clients/codex.ts';
import { continueDev } from './clients/continue.ts';
import { copilotCli, copilotCloudAgent } from './clients/copilot.ts';
import { cursor } from './clients/cursor.ts';
import { geminiCli } from './clients/gemini-cli.ts';
import { goose } from './clients/goose.ts';
import { copilotJetbrains, jetbrainsAiAssistant, junie } from './clients/jetbrains.ts';
import { kiro } from './clients/kiro.ts';
import { lmStudio } from './clients/lm-studio.ts';
import { opencode } from './clients/opencode.ts';
import { vscode } from './clients/vscode.ts';
import { windsurf } from './clients/windsurf.ts';
import { zed } from './clients/zed.ts';
import type { BuiltInFamily, Family, FamilyFacts } from './family.ts';
import { claudeCodeManaged } from './managed/claude-code-managed.ts';
import { codexRequirements } from './managed/codex-requirements.ts';
import { copilotManaged } from './managed/copilot-managed.ts';
import { geminiManaged } from './managed/gemini-managed.ts';
import { vscodePolicy } from './managed/vscode-policy.ts';

/** The clients that Tutti renders for, then the policies of clients. */
const clients: readonly FamilyFacts[] = [
  claudeCode,
  claudeDesktop,
  cline,
  codex,
  continueDev,
  copilotCli,
  copilotCloudAgent,
  copilotJetbrains,
  cursor,
  geminiCli,
  goose,
  jetbrainsAiAssistant,
  junie,
  kiro,
  lmStudio,
  opencode,
  vscode,
  windsurf,
  zed,
];
const policies: readonly FamilyFacts[] = [
  claudeCodeManaged,
  codexRequirements,
  copilotManaged,
  geminiManaged,
  vscodePolicy,
];

export const builtInFamilies: readonly BuiltInFamily[] = [
  ...clients.map((facts) => ({ ...facts, capabilities: capabilitiesOf(facts) })),
  ...policies.map((facts) => ({ ...facts, capabilities: ['policy', ...capabilitiesOf(facts)] })),
];

/** What it can, in the words of `list_clients`: all that it expresses. */
function capabilitiesOf({ expresses }: FamilyFacts): string[] {
  const { transports, inputs, defaults, cwd, timeout, enabled, tools } = expresses;
  const others = {
    inputs: inputs.length > 0,
    defaults,
    cwd,
    timeout,
    enabled,
    'tools.allow': tools.allow,
    'tools.deny': tools.deny,
  };
  return [...transports, ...Object.entries(others).flatMap(([name, can]) => (can ? [name] : []))];
}

const byId = new Map(builtInFamilies.map((family) => [family.client_id, family]));

/** The built-in family of that id. */
export function builtInFamily(clientId: string): BuiltInFamily | undefined {
  return byId.get(clientId);
}

/** What a format cannot express, in words that stay the same: `transport.sse`, `inputs.args`, `tools.deny`, … */
export function cannotExpress({ expresses }: Family): string[] {
  if (!expresses) return [];
  const { transports, inputs, defaults, cwd, timeout, enabled, tools, description } = expresses;
  // Where nothing can stand at all, no input can either: that is said once.
  const local = transports.includes('stdio')
    ? (['command', 'args', ...(cwd ? ['cwd' as const] : []), 'env'] as const)
    : [];
  const remote = transports.some((one) => one !== 'stdio') ? (['url', 'headers'] as const) : [];
  return [
    ...(['stdio', 'http', 'sse'] as const).filter((one) => !transports.includes(one)).map((one) => `transport.${one}`),
    ...[...local, ...remote].filter((place) => !inputs.includes(place)).map((place) => `inputs.${place}`),
    ...(defaults ? [] : ['inputs.default']),
    ...(cwd ? [] : ['cwd']),
    ...(timeout ? [] : ['timeout']),
    ...(enabled ? [] : ['enabled']),
    ...(['allow', 'deny'] as const).filter((list) => !tools[list]).map((list) => `tools.${list}`),
    ...(description ? [] : ['description']),
  ];
}
