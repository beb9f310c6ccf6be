#!/usr/bin/env bash
# Starts `orchestra-mcp` with the API key of Orchestra from 1Password, for clients that start their servers (.mcp.json).
#
#   ORCHESTRA_API_KEY       the key; or a reference (op://vault/item/field), which `op run` resolves.
#                           Left out: op://GRC/DA Agent Hub - Orchestra/credential
#   ORCHESTRA_API_KEY_FILE  a file with the key, in its place
#   ORCHESTRA_API_BASE_URL  another address of the API; may be a reference as well
#
# Flags are those of `tutti mcp`, such as --debug. Standard output belongs to the protocol: all words go to standard error,
# none to a file, and values to neither.
set -euo pipefail

cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/.."

fail() {
  printf 'orchestra-mcp: %s\n' "$1" >&2
  exit 1
}

command -v node > /dev/null || fail 'Node.js is missing. Install version 20 or newer, and have it on the PATH.'

# What is missing is installed before there is a key: the scripts of packages shall not see one.
env -u ORCHESTRA_API_KEY node scripts/run.mjs node --version < /dev/null > /dev/null || fail 'Its parts could not be installed; see above.'

bridge=(node scripts/run.mjs orchestra-mcp "$@")

if [[ -z "${ORCHESTRA_API_KEY:-}" && -z "${ORCHESTRA_API_KEY_FILE:-}" ]]; then
  export ORCHESTRA_API_KEY='op://GRC/DA Agent Hub - Orchestra/credential'
fi

if [[ "${ORCHESTRA_API_KEY:-}" != op://* && "${ORCHESTRA_API_BASE_URL:-}" != op://* ]]; then
  exec "${bridge[@]}"
fi

command -v op > /dev/null || fail 'The 1Password command op is missing. Install it (https://developer.1password.com/docs/cli), or set ORCHESTRA_API_KEY or ORCHESTRA_API_KEY_FILE.'

# Asked beforehand, so that a vault that stays locked ends here with a sentence. Whatever op says goes to standard error.
op run --no-masking -- bash -c '[[ -n "${ORCHESTRA_API_KEY:-}${ORCHESTRA_API_KEY_FILE:-}" && "${ORCHESTRA_API_KEY:-}" != op://* ]]' \
  < /dev/null >&2 ||
  fail "1Password gave no key for ${ORCHESTRA_API_KEY:-ORCHESTRA_API_BASE_URL}. Unlock it (op signin) and see that the item is there (op item get)."

# The server that the bridge may start lives on and needs nothing of 1Password's.
forget=()
while read -r name; do forget+=(-u "$name"); done < <(compgen -e | grep '^OP_' || true)

# Without masking: that filter holds lines back, and nothing that runs here writes the key.
exec op run --no-masking -- env ${forget[@]+"${forget[@]}"} "${bridge[@]}"
