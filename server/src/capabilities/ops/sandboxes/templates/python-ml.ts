import type { Template } from './template.ts';

/** A Jupyter server with TensorFlow. Its token is made for each sandbox and stands in the sandbox's own `.env` alone. */
export const pythonMl: Template = {
  id: 'python-ml',
  name: 'Python machine learning',
  description: 'Jupyter with TensorFlow, pandas and scikit-learn.',
  category: 'data',
  parameters: {},
  generated: ['JUPYTER_TOKEN'],
  capabilities: {},
  compose: `
services:
  jupyter:
    image: jupyter/tensorflow-notebook:latest
    user: "1000:100"
    ports: ["127.0.0.1::8888"]
    environment:
      JUPYTER_TOKEN: \${JUPYTER_TOKEN}
    volumes: ["home:/home/jovyan"]
    tmpfs: ["/tmp:exec,size=256m"]
    mem_limit: 2g
    cpus: 2
    pids_limit: 512
volumes:
  home: {}
`,
};
