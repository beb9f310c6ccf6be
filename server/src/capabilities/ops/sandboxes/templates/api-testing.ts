import type { Template } from './template.ts';

/** Node.js to send requests from, with Redis and PostgreSQL. No service begins as root, so none needs its powers. */
export const apiTesting: Template = {
  id: 'api-testing',
  name: 'API testing',
  description: 'Node.js to test an API from, with Redis and PostgreSQL.',
  category: 'testing',
  parameters: {
    DATABASE: { description: 'Name of the database, and of its user.', default: 'api' },
  },
  generated: ['POSTGRES_PASSWORD', 'REDIS_PASSWORD'],
  capabilities: {},
  compose: `
services:
  node:
    image: node:18-alpine
    user: node
    read_only: true
    working_dir: /home/node
    ports: ["127.0.0.1::3000"]
    environment:
      PGHOST: postgres
      PGUSER: \${DATABASE}
      PGDATABASE: \${DATABASE}
      PGPASSWORD: \${POSTGRES_PASSWORD}
      REDIS_URL: redis://:\${REDIS_PASSWORD}@redis:6379
    volumes: ["tests:/home/node"]
    tmpfs: ["/tmp"]
    command: ["sleep", "infinity"]
    mem_limit: 512m
  redis:
    image: redis:7-alpine
    user: redis
    read_only: true
    ports: ["127.0.0.1::6379"]
    environment:
      REDIS_PASSWORD: \${REDIS_PASSWORD}
    volumes: ["cache:/data"]
    tmpfs: ["/tmp"]
    entrypoint: ["/bin/sh", "-c"]
    command: ['exec redis-server --requirepass "$$REDIS_PASSWORD"']
    mem_limit: 256m
  postgres:
    image: postgres:15-alpine
    user: postgres
    read_only: true
    ports: ["127.0.0.1::5432"]
    environment:
      POSTGRES_USER: \${DATABASE}
      POSTGRES_DB: \${DATABASE}
      POSTGRES_PASSWORD: \${POSTGRES_PASSWORD}
    volumes: ["database:/var/lib/postgresql/data"]
    tmpfs: ["/tmp", "/var/run/postgresql:mode=1777"]
    mem_limit: 512m
volumes:
  tests: {}
  cache: {}
  database: {}
`,
};
