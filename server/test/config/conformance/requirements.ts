/** A test by its file and a part of its full name. All that have it must pass, and one must have it. */
export interface Proof {
  readonly file: string;
  readonly name: string;
}

export interface Requirement {
  readonly id: string;
  /** As one would ask who offers such a product: yes or no. */
  readonly question: string;
  readonly proofs: readonly Proof[];
}

const by =
  (file: string) =>
  (name: string): Proof => ({ file, name });

const table = by('server/test/config/conformance/requirements.test.ts');
const latency = by('server/test/config/conformance/latency.slow.ts');
const release = by('server/test/config/release.test.ts');
const operation = by('server/test/config/operation.test.ts');
const inventory = by('server/test/config/inventory.test.ts');
const exported = by('server/test/config/export.test.ts');
const drafts = by('server/test/config/drafts.test.ts');
const governance = by('server/test/config/governance.test.ts');
const rotation = by('server/test/config/rotation.slow.ts');
const outage = by('server/test/config/away.chaos.ts');
const traced = by('server/test/traced-calls.slow.ts');
const docs = by('server/test/config/conformance/docs.test.ts');
const integrity = by('server/src/capabilities/config/integrity/verify-release.test.ts');
const families = by('server/src/capabilities/config/families/families.test.ts');
const scan = by('server/src/capabilities/config/secrets/scan.test.ts');
const policy = by('server/src/capabilities/config/policy/evaluate.test.ts');
const properties = by('server/src/capabilities/config/policy/properties.test.ts');

const verifies = release('(AC-1, AC-4)');
const immutable = release('cannot be changed, deleted or truncated in the database itself');
const rollout = operation('a rollout (NFR-12, UC-2)');
const airGapped = exported('UC-5 air-gapped consumption');

/** The requirements of the specification of client configurations, each with the tests that prove it. */
export const requirements: readonly Requirement[] = [
  {
    id: 'FR-1',
    question: 'Does it list client families with the versions of their schemas?',
    proofs: [table('FR-1:')],
  },
  { id: 'FR-2', question: 'Does it list the profiles of each client?', proofs: [table('FR-2:')] },
  {
    id: 'FR-3',
    question: 'Does it say what each client needs and cannot be told?',
    proofs: [table('FR-3:'), families('loses nothing of what it claims to express')],
  },
  {
    id: 'FR-4',
    question: 'Is what a client fetches whole, with schema, id, provenance, signature?',
    proofs: [table('FR-4:')],
  },
  { id: 'FR-5', question: 'Are inputs named, and their values refused?', proofs: [release('(FR-5, NFR-5)')] },
  {
    id: 'FR-6',
    question: "Is every payload checked against the client's schema before release?",
    proofs: [table('FR-6:'), release('its payload is checked against the schema')],
  },
  {
    id: 'FR-7',
    question: 'Does policy allow, deny, redact and pin before anything is signed?',
    proofs: [release('UC-4 policy tightening'), policy('deny'), policy('allow'), policy('pin'), policy('redact')],
  },
  { id: 'FR-8', question: 'Is there a report of errors and warnings that machines read?', proofs: [table('FR-8:')] },
  {
    id: 'FR-9',
    question: 'Can a client ask whether it is up to date, as often as it likes?',
    proofs: [release('(AC-2)')],
  },
  {
    id: 'FR-10',
    question: 'Are changes pushed, or polled without a gap?',
    proofs: [
      release('(FR-10, FR-11)'),
      governance('(FR-10)'),
      operation('publishes, reads and hears within its bound only'),
    ],
  },
  {
    id: 'FR-11',
    question: 'Does a change tell its changelog, publisher and policy set?',
    proofs: [release('(FR-10, FR-11)')],
  },
  {
    id: 'FR-12',
    question: 'Is each release recorded for good: signer, approvers, policy?',
    proofs: [table('FR-12:'), governance('an auditor reads what audit_log_uri names'), immutable],
  },
  {
    id: 'FR-13',
    question: 'Are releases found by time, client, profile, version, principal?',
    proofs: [table('FR-13:'), governance('(FR-13)')],
  },
  { id: 'FR-14', question: 'Do clients report what they applied?', proofs: [inventory('(FR-14, FR-15, NFR-8)')] },
  {
    id: 'FR-15',
    question: 'Are they counted by client, profile and version, without names?',
    proofs: [inventory('(FR-14, FR-15, NFR-8)')],
  },
  {
    id: 'NFR-1',
    question: 'Does what was published never change?',
    proofs: [immutable, operation('are served for good')],
  },
  { id: 'NFR-2', question: 'Are configurations read while the database is down?', proofs: [outage('NFR-2')] },
  { id: 'NFR-3', question: 'Is an artifact fetched within 300 ms, p95?', proofs: [latency('NFR-3:')] },
  { id: 'NFR-4', question: 'Is discovery answered within 200 ms, p95?', proofs: [latency('NFR-4:')] },
  {
    id: 'NFR-5',
    question: 'Are secrets kept out of artifacts?',
    proofs: [release('a secret is refused'), release('(FR-5, NFR-5)'), scan('finds a token wherever it stands')],
  },
  { id: 'NFR-6', question: 'Is each artifact signed, with instructions to verify it?', proofs: [verifies, airGapped] },
  {
    id: 'NFR-7',
    question: 'Is each role held to what it may do, by client and profile?',
    proofs: [
      operation('(NFR-7)'),
      governance('(NFR-7)'),
      release('self-approval'),
      release('a publisher may not, an owner may add it'),
    ],
  },
  {
    id: 'NFR-8',
    question: 'Does telemetry name nobody, and end after a time that one sets?',
    proofs: [table('NFR-8:'), governance('(NFR-8)'), inventory('(FR-14, FR-15, NFR-8)')],
  },
  { id: 'NFR-9', question: 'Has every call an open, documented schema?', proofs: [table('NFR-9:')] },
  {
    id: 'NFR-10',
    question: 'Are hashes and signatures standard, and can the scheme be chosen?',
    proofs: [integrity('over the pre-authentication encoding'), operation('rotate to ')],
  },
  {
    id: 'NFR-11',
    question: 'Are logs, metrics and traces exported in open formats?',
    proofs: [table('NFR-11:'), traced('a call over MCP')],
  },
  { id: 'NFR-12', question: 'Is a release rolled out to a part of the clients first?', proofs: [rollout] },
  {
    id: 'AC-1',
    question: 'Does GetConfig return a signed artifact that fits its schema?',
    proofs: [verifies, table('FR-6:')],
  },
  { id: 'AC-2', question: 'Does DiffConfig tell up to date from outdated?', proofs: [release('(AC-2)')] },
  {
    id: 'AC-3',
    question: 'Does publishing enforce policy and leave an entry that never changes?',
    proofs: [release('(AC-3)'), immutable],
  },
  {
    id: 'AC-4',
    question: 'Do the instructions let a client notice tampering?',
    proofs: [verifies, operation('the commands of docs/config-verify.md'), exported('tamper: ')],
  },
  { id: 'AC-5', question: 'Are schemas, policy model and operation documented?', proofs: [docs('AC-5:')] },
  {
    id: 'UC-1',
    question: 'Can a new client family be added, with its schema, and published for?',
    proofs: [release('UC-1 bootstrap')],
  },
  {
    id: 'UC-2',
    question: 'Is a change validated, approved, published and rolled out in parts?',
    proofs: [release('UC-2:'), rollout],
  },
  {
    id: 'UC-3',
    question: 'Can one go back to an artifact before, at once?',
    proofs: [release('UC-3 emergency revert')],
  },
  {
    id: 'UC-4',
    question: 'Does a tighter policy strip a tool before anything is signed?',
    proofs: [release('UC-4 policy tightening'), governance('UC-4: what a tighter policy refuses')],
  },
  {
    id: 'UC-5',
    question: 'Do clients without a way to the server verify what a mirror gives them?',
    proofs: [airGapped],
  },
];

const audit = by('server/src/core/audit/chain.test.ts');
const strict = by('server/src/capabilities/config/integrity/parse-strict.test.ts');
const check = by('server/src/capabilities/config/families/check.test.ts');
const rendering = by('server/src/capabilities/config/families/rendering.test.ts');
const attacks = by('server/src/capabilities/config/policy/attacks.test.ts');
const aliases = by('server/src/capabilities/config/policy/aliases.test.ts');
const limits = by('server/src/capabilities/config/policy/limits.test.ts');
const imports = by('server/src/capabilities/config/catalog/import.test.ts');
const others = by('server/test/config/conformance/attacks.test.ts');

/** What is tried against such a service, each with the tests that see it refused. */
export const attackRows: readonly Requirement[] = [
  ['tamper', [integrity('tamper: '), exported('tamper: ')]],
  ['rollback', [integrity('rollback: '), exported('rollback: ')]],
  ['freeze', [integrity('freeze: '), operation('freeze: '), drafts('freeze: '), exported('freeze: ')]],
  ['fast-forward', [operation('fast-forward')]],
  ['mix-and-match', [integrity('mix-and-match: '), exported('mix-and-match: ')]],
  [
    'endless data',
    [integrity('endless data: '), strict('endless data: '), limits('endless data: '), exported('endless data: ')],
  ],
  ['key compromise', [operation('key compromise: '), rotation('key compromise: '), exported('key compromise: ')]],
  ['weak key', [integrity('weak key: ')]],
  ['replay to another client, profile, tenant', [integrity('replay: '), exported('replay: ')]],
  ['signature not over what is used', [integrity('signature not over what is used: ')]],
  ['approval replay, self-approval', [release('approval replay: '), release('self-approval: ')]],
  ['config swap after approval', [release('config swap after approval: ')]],
  ['config written by prompt injection', [others('config written by prompt injection: ')]],
  ['case-variant path', [attacks('case-variant path: ')]],
  ['install dialog spoofing', [attacks('install dialog spoofing: ')]],
  [
    'repo config executes before trust',
    [attacks('repo config executes before trust: '), check('repo config executes before trust: ')],
  ],
  ['stdio = arbitrary command by design', [attacks('stdio = arbitrary command by design')]],
  ['mcp-remote injection', [attacks('mcp-remote injection: ')]],
  ['dangerous env', [attacks('dangerous env: ')]],
  ['secret smuggling', [scan('secret smuggling'), others('secret smuggling: ')]],
  ['input default carrying a secret', [scan('input default carrying a secret: ')]],
  ['policy bypass by alias', [aliases('policy bypass by alias')]],
  ['homoglyph, zero-width names', [attacks('homoglyph / zero-width names')]],
  ['prototype pollution', [strict('prototype pollution: '), limits('prototype pollution: ')]],
  ['ReDoS', [limits('ReDoS'), scan('ReDoS: ')]],
  ['non-termination', [limits('non-termination')]],
  ['YAML bomb, type juggling', [rendering('YAML bomb / type juggling: ')]],
  [
    'path traversal in rendered files',
    [check('path traversal in rendered files: '), exported('path traversal in rendered files: ')],
  ],
  ['renderer injection', [rendering('renderer injection: ')]],
  ['whole-client outage', [check('whole-client outage: ')]],
  ['fail-closed outage', [outage('fail-closed outage')]],
  ['rogue mirror', [exported('rogue mirror: ')]],
  ['SSRF in webhooks and registry import', [others('SSRF in webhooks and registry import: ')]],
  [
    'audit truncation',
    [audit('the beginning is removed'), audit('a seal is taken away'), audit('the last head is removed')],
  ],
  ['PII, fingerprint in reports', [inventory('PII / fingerprint in reports (')]],
  ['registry import poisoning', [imports('registry import poisoning: ')]],
  [
    'policy that is not deterministic',
    [properties('policy evaluation is deterministic and idempotent'), others('policy that is not deterministic: ')],
  ],
].map(([id, proofs]) => ({ id: id as string, question: 'Is it refused?', proofs: proofs as readonly Proof[] }));
