/** Whether the same run may go better when it is started again as it is. */
export type Retryable = 'yes' | 'no' | 'unknown';

interface Kind {
  readonly means: string;
  readonly retryable: Retryable;
}

/** What may be wrong, in our words. */
export const categories = {
  AUTH: { means: 'The platform refused the credentials, or they lack a permission.', retryable: 'no' },
  RATE_LIMIT: { means: 'The platform asked for fewer requests.', retryable: 'yes' },
  RESOURCE_CONFLICT: { means: 'Something else held what the task needed: a lock, a slot, a name.', retryable: 'yes' },
  TIMEOUT: { means: 'It took longer than it was given.', retryable: 'yes' },
  NETWORK: { means: 'A connection could not be made, or broke off.', retryable: 'yes' },
  TOOL_OR_INFRASTRUCTURE: {
    means: 'The machine or the program that ran the task gave out: memory, disk, a missing package, a kill.',
    retryable: 'unknown',
  },
  CONFIG: { means: 'The definition, a setting or a parameter is wrong or missing.', retryable: 'no' },
  DATA: {
    means: 'The data is not as it was expected: a failed test, a broken constraint, a missing file.',
    retryable: 'no',
  },
  QUERY: { means: 'The platform refused a query, or a model is wrong.', retryable: 'no' },
  CODE: { means: 'The code of the task raised an error.', retryable: 'no' },
  UPSTREAM: { means: 'What the task needs from elsewhere was not ready or had failed.', retryable: 'unknown' },
  PLATFORM: { means: 'The platform itself failed.', retryable: 'yes' },
  FEATURE_BRANCH_RUN: {
    means: 'The run was made from a branch that is not the default one: work in progress rather than production.',
    retryable: 'no',
  },
  CANCELLED: { means: 'Somebody or something cancelled it.', retryable: 'unknown' },
  SKIPPED: { means: 'It was not run at all.', retryable: 'unknown' },
  NOT_FAILED: { means: 'Nothing went wrong so far.', retryable: 'no' },
  UNKNOWN: { means: 'What was said fits no known cause.', retryable: 'unknown' },
} as const satisfies Record<string, Kind>;

export type Category = keyof typeof categories;

/** The first that fits counts: what is more particular stands before what is more general. */
const rules: readonly [Category, RegExp][] = [
  ['RATE_LIMIT', /too many requests|rate.?limit|throttl|request quota/i],
  [
    'RESOURCE_CONFLICT',
    /deadlock|lock wait|lock timeout|could not serialize|serialization failure|concurrent (?:update|transaction|modification)|concurrency limit|already (?:running|in progress|being used)|resource is locked|\b409\b.{0,20}conflict/i,
  ],
  [
    'AUTH',
    /unauthori[sz]ed|forbidden|(?:invalid|expired|revoked|missing|incorrect) (?:api.?key|access token|token|credentials?|password|username)|(?:token|credentials?|password|key) (?:has |have |is |was )?(?:expired|revoked|invalid)|authentication (?:failed|error)|access denied|permission denied|insufficient (?:privileges?|permissions?|scopes?)|not authori[sz]ed|incorrect username/i,
  ],
  ['TIMEOUT', /timed.?out|time.?out|deadline exceeded|\bETIMEDOUT\b|exceeded (?:the )?(?:maximum|max) (?:run ?)?time/i],
  [
    'NETWORK',
    /\b(?:ECONN(?:RESET|REFUSED|ABORTED)|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH)\b|connection ?(?:was )?(?:reset|refused|aborted|closed|lost|broken)|ConnectionResetError|could not (?:connect|resolve|translate host)|(?:failed|unable) to connect|name resolution|network is unreachable|no route to host|broken pipe|certificate verify failed|\b(?:SSL|TLS)(?:v\d)?\b.{0,30}(?:error|fail|handshake)|socket hang up/i,
  ],
  [
    'TOOL_OR_INFRASTRUCTURE',
    /out of memory|OOM.?kill|MemoryError|heap space|no space left|disk (?:quota|full|is full)|exit(?:ed)? (?:with )?(?:code |status )?(?:137|139|143)|SIGKILL|was killed|\bKilled$|evicted|ModuleNotFoundError|No module named|command not found|image pull|ImagePullBackOff|cannot find module|could not find a version/i,
  ],
  [
    'DATA',
    /not[_ ]null|unique[_ ](?:constraint|violation|key)|duplicate key|null value in column|check constraint|foreign key|got \d+ results?|(?:test|constraint|contract|expectation|quality check)s? (?:has |have )?(?:failed|violated|warned)|schema (?:mismatch|drift|changed)|cannot (?:be )?cast|invalid input syntax|numeric value .{0,80} is not recognized|out of range|has no file|(?:no such|missing|could not find the) (?:input )?file|FileNotFoundError|no data (?:found|for)|unexpected (?:column|field|header)|JSONDecodeError|UnicodeDecodeError/i,
  ],
  [
    'CONFIG',
    /environment variable|env(?:ironment)? var|missing (?:required )?(?:parameter|argument|input|setting|config\w*|secret)|invalid (?:config\w*|parameter|yaml|definition|setting)|(?:is|are|was) not (?:defined|configured|set\b)|failed to start|unknown (?:profile|target|environment|connection)|profile .{0,80} not found|ya?ml.{0,20}error|dbt_project|could not find profile/i,
  ],
  [
    'UPSTREAM',
    /upstream|freshness|source .{0,80}(?:stale|not fresh|not ready)|depend(?:ency|encies|s on) .{0,80}(?:failed|not found|did not|not met)|sensor.{0,40}(?:failed|never|expired)|waiting for .{0,80}(?:file|table|partition)/i,
  ],
  [
    'QUERY',
    /database error|sql.{0,20}(?:error|compilation)|compilation error|syntax error|invalid identifier|(?:relation|table|column|object|schema|view|function) .{0,120}(?:does not exist|not found|already exists)|unknown column|no such (?:table|column)|ambiguous|division by zero|SQLSTATE|semantic error|query (?:failed|error)|unrecognized name/i,
  ],
  ['PLATFORM', /internal (?:server )?error|bad gateway|service (?:is )?(?:temporarily )?unavailable|gateway time/i],
  ['CODE', /Traceback|\b[A-Z]\w{0,80}(?:Error|Exception)\b|segmentation fault|panic:|undefined is not|stack trace/],
];

/** A number that stands for a status of HTTP, not for a line or a count. */
const httpStatus =
  /(?:\bHTTP(?:\/\d(?:\.\d)?)?|\bstatus(?:.?code)?|\bresponse(?: code)?|\bcode|error)\W{1,4}([45]\d\d)\b|^\W*([45]\d\d)\W*$/i;
const statuses: Readonly<Record<string, Category>> = {
  401: 'AUTH',
  403: 'AUTH',
  408: 'TIMEOUT',
  409: 'RESOURCE_CONFLICT',
  429: 'RATE_LIMIT',
  500: 'PLATFORM',
  502: 'PLATFORM',
  503: 'PLATFORM',
  504: 'TIMEOUT',
};

/** Longest text that is looked through. */
const maxChars = 8000;

/** What a text says of the cause; undefined where it says nothing that is known. */
export function categoryOf(text: string): Category | undefined {
  const part = text.slice(0, maxChars);
  const [, first, second] = httpStatus.exec(part) ?? [];
  return rules.find(([, form]) => form.test(part))?.[0] ?? statuses[first ?? second ?? ''];
}
