/**
 * The SHA-256 of every schema that was ever published, by its address. Artifacts refer to them for good: a change of a schema
 * is a new version and a new line here.
 */
export const publishedSchemas: Readonly<Record<string, string>> = {
  '/schemas/claude-code-managed/1.0.0': '4589d044b475814ce734ebb09b6b6e23a6f1a0a191f7d9d694051650859e2b26',
  '/schemas/claude-code/1.0.0': '2823751964ec1f8d4c4cf2d9a0d55708ab9f21d15a18f121d4dbae504b665756',
  '/schemas/claude-desktop/1.0.0': 'c840234d7840a309a7e55c9b4e993ddb4db3bfe73c9c567023112d7bac4ce3fc',
  '/schemas/cline/1.0.0': '1bc69070143f78a518358b07825fbfdd05a70101d6ef3944281cbc48d1be3e44',
  '/schemas/codex-requirements/1.0.0': 'ab77ecb58b1d6f1345ac30187088d9fb1c0d8f6b708908d03c12df15379131eb',
  '/schemas/codex/1.0.0': '951334d2676d3e772eaf04c407acaf1a987f8f844ab27baa719aed4d5f1ad0dd',
  '/schemas/continue/1.0.0': 'bc63f4fa4c9e03e43c03ca6cacc5ced76ecb317c78b05304d9eed8f1b3c83c50',
  '/schemas/copilot-cli/1.0.0': '66383c722aefe957151b65f38bfa30b921cbb87005580039c6bfeb6a4f0afce0',
  '/schemas/copilot-cloud-agent/1.0.0': '6d5c5b4e9c798cb89aa80284ea2899ca8812a64a54a1dd0efbb4a27d7cc446ca',
  '/schemas/copilot-jetbrains/1.0.0': '854fce509b6a9dc9aa5bc9bf6452dbe12f5bb69270a2a5e8d0222005d8068154',
  '/schemas/copilot-managed/1.0.0': '39bfc17477232fc093dc02a7e99c840ef88ac39102b0f81a832f15adfed02dca',
  '/schemas/cursor/1.0.0': '8b9de197f423653c36323f7aec8d2cf7213eb882054a90dba79d4c883a22f9a4',
  '/schemas/gemini-cli/1.0.0': 'c707c42928140c60a586c81b32da060e0fc657f2b2ff7a81eab256e81787ee30',
  '/schemas/gemini-managed/1.0.0': '2b49d57cb017031402a9f3a14493a0e667db59fc8c784311266acf4f84f7d5d1',
  '/schemas/goose/1.0.0': 'b1603dbad8b50acab25704f50ae04ed240384a5282139863cc24f67df33859f2',
  '/schemas/jetbrains-ai-assistant/1.0.0': 'd47188ccd1cb5df42c4201b4e1e54dfba28f68c0d9c4a2e75cf824d4cf32834f',
  '/schemas/junie/1.0.0': 'be7946d117d6e3668f9588405239cfc6e14a5a85c5bc380c126377d9113b8a8c',
  '/schemas/kiro/1.0.0': 'ed8f0ebf9a64b799ef91a1a83effee93b203a0c20b2ce288cc927cfa37c574d7',
  '/schemas/lm-studio/1.0.0': '1533def18b0a81fea40b45f90252ffb4f91dc79b3e44d51484a164be2cdd2d0e',
  '/schemas/opencode/1.0.0': '9f4faf44a61385912c9cf52216dc651f8bf2ef4b29eda5a3114af2e60c45ae22',
  '/schemas/vscode-policy/1.0.0': '1e061d3dcad155635770ffbee5c3d3d7d09b0300a4eb534675f2102e7e714d82',
  '/schemas/vscode/1.0.0': '27b8aad7399ec6a81ef9c4c248ee89cf95936f9208470a6385d04ee6ba820200',
  '/schemas/windsurf/1.0.0': '1adf88ede045bf776d5bbf83cf1d1a4884d9347544e72f405d116c2eee4ddcbc',
  '/schemas/zed/1.0.0': '51e9b17bf6c4fa6ddf7870072438c80003342dead3d0fedbff205d7a7de58588',
};
