/**
 * What GPT Actions take, as https://developers.openai.com/api/docs/actions/production says (2026-11-20). Their editor also
 * refuses too many operations, a large document and objects without properties, which no page says.
 */
export const actionLimits = {
  operations: 30,
  documentBytes: 1_000_000,
  /** Of an operation's summary and of its description. */
  descriptionChars: 300,
  /** Of a parameter, at any depth of a body. */
  parameterChars: 700,
  /** Of the JSON of an answer, and of a request. */
  answerChars: 100_000,
} as const;

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * What GPT Actions would refuse about an OpenAPI document, one sentence each; empty when nothing. It looks at their limits
 * alone: whether it is OpenAPI at all is for a validator.
 */
export function actionProblems(document: unknown): string[] {
  const { servers, paths, components } = plain(document);
  const found = Object.entries(plain(paths)).flatMap(([path, item]) =>
    Object.entries(plain(item))
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => ({ at: `${method} ${path}`, operation: plain(operation) })),
  );
  const ids = found.map(({ operation }) => operation.operationId);
  const bytes = Buffer.byteLength(JSON.stringify(document, null, 2));
  return [
    ...(found.length > actionLimits.operations
      ? [`has ${found.length} operations, ${actionLimits.operations} at most`]
      : []),
    ...(bytes >= actionLimits.documentBytes ? [`has ${bytes} bytes, it must be less than 1 MB`] : []),
    ...(new Set(ids).size < ids.length ? ['has two operations of one operationId'] : []),
    ...(isOneHttps(servers) ? [] : ['needs exactly one server, by https on port 443: set public_url']),
    ...Object.keys(plain(plain(components).securitySchemes))
      .slice(1)
      .map((name) => `has a second way in: ${name}`),
    ...found.flatMap(({ at, operation }) => operationProblems(operation).map((problem) => `${at} ${problem}`)),
  ];
}

function operationProblems(operation: Readonly<Record<string, unknown>>): string[] {
  const { operationId, summary = '', description = '', parameters = [], 'x-openai-isConsequential': asks } = operation;
  const headers = (parameters as unknown[]).filter((one) => plain(one).in === 'header');
  return [
    ...(typeof operationId === 'string' ? [] : ['has no operationId']),
    ...(typeof asks === 'boolean' ? [] : ['does not say x-openai-isConsequential']),
    ...(headers.length > 0 ? ['wants a header'] : []),
    ...(String(summary).length > actionLimits.descriptionChars ? ['has a long summary'] : []),
    ...(String(description).length > actionLimits.descriptionChars ? ['has a long description'] : []),
    ...longDescriptions({ parameters, body: operation.requestBody }).map((at) => `has a long description of ${at}`),
    ...bareObjects({ body: operation.requestBody, answers: operation.responses }).map(
      (at) => `has an object without properties: ${at}`,
    ),
  ];
}

function longDescriptions(value: unknown, at: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'description' && typeof member === 'string' && member.length > actionLimits.parameterChars
      ? [at.join('.')]
      : longDescriptions(member, [...at, key]),
  );
}

/** The editor refuses schemas of objects that name no properties, not even none. */
function bareObjects(value: unknown, at: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null || at.at(-1) === 'examples') return [];
  const own = plain(value).type === 'object' && !('properties' in value) ? [at.join('.')] : [];
  return [...own, ...Object.entries(value).flatMap(([key, member]) => bareObjects(member, [...at, key]))];
}

function isOneHttps(servers: unknown): boolean {
  const [only, ...others] = Array.isArray(servers) ? servers : [];
  const { url } = plain(only);
  if (others.length > 0 || typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, port } = new URL(url);
  return protocol === 'https:' && port === '';
}

function plain(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
