/** What stands beside an export, for whoever finds it. */
export const instructions = `# Signed configurations of MCP clients

This folder needs no server but one for files. Everything in it verifies offline, with nothing that comes from here but the
files themselves.

| file                      | what it is                                                                              |
| ------------------------- | --------------------------------------------------------------------------------------- |
| \`index.json\`              | every other file with its SHA-256, and which releases are current; poll it by its ETag  |
| \`index.sig.json\`          | its signature                                                                           |
| \`changes.json\`            | what was released lately, the newest first                                              |
| \`objects/<hash>.json\`     | artifacts and statements, each with its signature in \`<hash>.sig.json\`                  |
| \`schemas/<hash>.json\`     | the JSON Schemas (2020-12) of the configurations                                        |
| \`keys.json\`, \`keys/\`      | the public keys. **Do not trust them from here**: compare them with those you were given |

## With the tutti command

    tutti config verify . --keys ../keys-you-were-given.json
    tutti config verify . --keys ../keys-you-were-given.json --client cursor --profile prod --state ../seen.json --text \\
      > ../new.json && mv ../new.json ../mcp.json

\`--state\` keeps the highest sequence that was taken: nothing older is taken after it. \`--fingerprint\` is the random id of a
client that takes part in rollouts. In place of \`.\` stands the address of this folder where a server serves it.

## With openssl

Of the entry of your client and profile in \`index.json\`, take \`statement_id\` and \`artifact_id\`. Of several, the one with the
highest \`sequence\` counts whose \`cohort\` is \`all\`, or one that you are in: the first 32 bits of SHA-256 of
\`<id of the cohort>\\n<your random id>\` are below \`percentage\`/100 of 2^32. A cohort \`schema:<version>\` is for those who read no
newer schema. For each of the two:

    id=<hex of the id>
    type=application/vnd.tutti.config.artifact+json      # of the statement: application/vnd.tutti.config.release+json
    echo "$id  objects/$id.json" | sha256sum -c
    sed 's/.*"value":"\\([^"]*\\)".*/\\1/' "objects/$id.sig.json" | base64 -d > signature
    { printf 'DSSEv1 %d %s %d ' \${#type} $type $(wc -c < "objects/$id.json"); cat "objects/$id.json"; } > signed
    openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature

\`key.pem\` is the key that you were given whose id the signature names. For a key whose id begins with \`ecdsa-p256-sha256\` the
last line is \`openssl dgst -sha256 -verify key.pem -signature signature signed\`; \`-sha512\` for the other.

Refuse the statement when \`tenant\`, \`client_id\` or \`profile\` is not yours, when \`sequence\` is lower than the highest that you
took before, when \`expires_at\` is over, or when \`artifact_id\` is not that of the artifact. Keep what you have when anything
fails. The member \`text\` of the artifact is the configuration, to the letter.
`;
