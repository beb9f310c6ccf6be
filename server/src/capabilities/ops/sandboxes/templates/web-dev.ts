import type { Template } from './template.ts';

/**
 * nginx, Node.js and PostgreSQL. No service begins as root, so none needs its powers. What the services serve lies in volumes:
 * orcaops_put_sandbox_files writes it, and Node.js takes a changed file at once.
 */
export const webDev: Template = {
  id: 'web-dev',
  name: 'Web development',
  description: 'nginx before a Node.js service, with PostgreSQL.',
  category: 'web',
  parameters: {
    DATABASE: { description: 'Name of the database, and of its user.', default: 'app' },
  },
  generated: ['POSTGRES_PASSWORD'],
  capabilities: {},
  compose: `
services:
  nginx:
    image: nginx:alpine
    user: "101:101"
    read_only: true
    ports: ["127.0.0.1::8080"]
    tmpfs: ["/tmp:uid=101,gid=101", "/var/cache/nginx:uid=101,gid=101", "/var/run:uid=101,gid=101", "/etc/nginx/conf.d:uid=101,gid=101"]
    entrypoint: ["/bin/sh", "-c"]
    command:
      - |
        echo 'server { listen 8080; location / { proxy_pass http://node:3000; } }' > /etc/nginx/conf.d/default.conf
        exec nginx -g 'daemon off;'
    depends_on: [node]
    mem_limit: 128m
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
    volumes: ["code:/home/node"]
    tmpfs: ["/tmp"]
    entrypoint: ["/bin/sh", "-c"]
    command:
      - |
        [ -e server.js ] || echo "require('http').createServer((_, out) => out.end('hello\\\\n')).listen(3000)" > server.js
        exec node --watch server.js
    mem_limit: 512m
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
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U \${DATABASE}"]
      interval: 5s
      retries: 12
    mem_limit: 512m
volumes:
  code: {}
  database: {}
`,
};
