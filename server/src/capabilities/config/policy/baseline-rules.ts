import { type Fact, facts } from './facts.ts';

/** Variables by which a server could be made to load or run something else, or to send elsewhere what it says. */
const dangerousVariables = [
  ...[
    'PATH',
    'PATHEXT',
    'SYSTEMROOT',
    'WINDIR',
    'COMSPEC',
    'SHELL',
    'IFS',
    'ENV',
    'BASH_ENV',
    'BASH_FUNC_*',
    'PROMPT_COMMAND',
  ],
  ...['LD_*', 'DYLD_*', 'APPINIT_DLLS', 'GCONV_PATH', 'GLIBC_TUNABLES', 'MALLOC_*'],
  ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_REPL_EXTERNAL_MODULE', 'NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED'],
  ...['DENO_DIR', 'BUN_INSTALL', 'ELECTRON_RUN_AS_NODE', 'NPM_CONFIG_*', 'YARN_*', 'PNPM_*', 'COREPACK_*'],
  ...[
    'PYTHONPATH',
    'PYTHONHOME',
    'PYTHONSTARTUP',
    'PYTHONUSERBASE',
    'PYTHONEXECUTABLE',
    'PYTHONWARNINGS',
    'PYTHONBREAKPOINT',
  ],
  ...['PIP_*', 'UV_*', 'PIPX_*', 'VIRTUAL_ENV', 'CONDA_*'],
  ...[
    'RUBYOPT',
    'RUBYLIB',
    'GEM_PATH',
    'GEM_HOME',
    'BUNDLE_*',
    'PERL5LIB',
    'PERL5OPT',
    'PERL5DB',
    'PHPRC',
    'PHP_INI_SCAN_DIR',
  ],
  ...[
    'CLASSPATH',
    'JAVA_TOOL_OPTIONS',
    '_JAVA_OPTIONS',
    'JDK_JAVA_OPTIONS',
    'JAVA_HOME',
    'DOTNET_STARTUP_HOOKS',
    'CORECLR_*',
  ],
  ...['GO111MODULE', 'GOROOT', 'GOFLAGS', 'GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'RUSTC_WRAPPER', 'CARGO_*'],
  ...[
    'GIT_SSH',
    'GIT_SSH_COMMAND',
    'GIT_EXEC_PATH',
    'GIT_CONFIG*',
    'GIT_ASKPASS',
    'SSH_ASKPASS',
    'GIT_PROXY_COMMAND',
    'EDITOR',
    'PAGER',
  ],
  ...['DOCKER_HOST', 'DOCKER_CONFIG', 'CONTAINER_HOST', 'KUBECONFIG', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'OPENSSL_CONF'],
  ...[
    'SESSIONNAME',
    'TEMP',
    'TMP',
    'TMPDIR',
    'HOME',
    'LOCALAPPDATA',
    'APPDATA',
    'USERPROFILE',
    'HOMEDRIVE',
    'HOMEPATH',
  ],
];

/** Settings by which a client would start servers, run hooks or approve calls without asking. */
const unasked = [
  ...[
    'enableAllProjectMcpServers',
    'enabledMcpjsonServers',
    'autoApprove',
    'autoApproved',
    'alwaysAllow',
    'alwaysLoad',
    'trust',
  ],
  ...[
    'hooks',
    'apiKeyHelper',
    'headersHelper',
    'http_headers_helper',
    'awsAuthRefresh',
    'awsCredentialExport',
    'otelHeadersHelper',
  ],
  ...[
    'statusLine',
    'chat.tools.autoApprove',
    'chat.tools.global.autoApprove',
    'yolo',
    'autoAccept',
    'dangerously*',
    'bypassPermissions',
  ],
  ...[
    'skipDangerousModePermissionPrompt',
    'default_tools_approval_mode',
    'approval_mode',
    'approval_policy',
    'defaultMode',
    'notify',
  ],
];

const never: readonly Fact[] = Object.keys(facts) as Fact[];

/** The files in which clients keep what this is about: a server that is pointed at them could change its own rules. */
const clientFiles = [
  ...[
    '*.cursor/mcp.json',
    '*.vscode/mcp.json',
    '*.mcp.json',
    '*.claude.json',
    '*.claude/settings*.json',
    '*.gemini/settings.json',
  ],
  ...[
    '*.codex/config.toml',
    '*.kiro/settings/mcp.json',
    '*.amazonq/mcp.json',
    '*claude_desktop_config.json',
    '*mcp_config.json',
  ],
  ...[
    '*cline_mcp_settings.json',
    '*managed-settings.json',
    '*managed-mcp.json',
    '*.copilot/mcp-config.json',
    '*opencode.json*',
  ],
];

/** The rules of `baseline@1`, as they would be written in a set of one's own. */
export const baselineRules: readonly object[] = [
  ...never.map((fact) => ({
    id: `no-${fact}`,
    action: 'deny',
    on: 'server',
    match: { fact },
    message: facts[fact],
  })),
  {
    id: 'no-dangerous-env',
    action: 'deny',
    on: 'env',
    match: { name: dangerousVariables },
    message: 'By this variable the server could be made to load or run something else.',
  },
  {
    id: 'no-vulnerable-mcp-remote',
    action: 'deny',
    on: 'server',
    match: { package: 'npm:mcp-remote', versions: '>=0.0.5 <0.1.16' },
    message: 'These versions of mcp-remote run what a server tells them to (CVE-2025-6514): take 0.1.16 or later.',
  },
  {
    id: 'no-insecure-mcp-remote',
    action: 'deny',
    on: 'arg',
    match: { package: 'npm:mcp-remote', value: ['http:*', '--allow-http'] },
    when: '!item.value.matches("^http://(localhost|127[.]0[.]0[.]1|[[]::1[]])(:[0-9]+)?(/|$)")',
    message: 'mcp-remote speaks to https only.',
  },
  {
    id: 'no-client-files',
    action: 'deny',
    on: 'arg',
    match: { value: clientFiles },
    message: 'It points at the file in which a client keeps its configuration.',
  },
  {
    id: 'no-unasked-start',
    action: 'deny',
    on: 'path',
    match: { path: unasked.map((name) => `/**/${name}`) },
    when: '!item.pointer.matches("/(env|environment|envs|headers|http_headers)/[^/]*$") && !(item.value in [false, null, "prompt", "untrusted", "on-request", "default", "plan"]) && item.value != [] && item.value != {}',
    message: 'By this setting a client runs or approves something without asking.',
  },
  {
    id: 'no-other-endpoint',
    action: 'deny',
    on: 'path',
    match: {
      path: ['/env/*_BASE_URL', '/env/*_API_URL', '/env/*_ENDPOINT', '/settings/env/*_BASE_URL', '/apiBaseUrl'],
    },
    message: 'By this setting a client would send what its user types, and its key, to another address.',
  },
];
