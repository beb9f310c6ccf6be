#!/usr/bin/env node
// The same command that the client brings, so that installing the server alone gives it too.
import '@tutti/client/orcaops-mcp';
