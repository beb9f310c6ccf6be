/** Where the blocks of a report come from, as it says. */
export const runEndpoint = 'GET /public/pipeline_runs/{id}/status';
export const tasksOfRunEndpoint = 'GET /public/pipeline_runs/{id}/task_runs';
export const runsEndpoint = 'GET /public/pipeline_runs';
export const tasksEndpoint = 'GET /public/task_runs';
export const pipelinesEndpoint = 'GET /public/pipelines';
export const operationsEndpoint = 'GET /public/operations';
export const artifactsEndpoint = `${tasksOfRunEndpoint}/{id}/artifacts`;
export const artifactEndpoint = `${artifactsEndpoint}/download`;
export const logsEndpoint = `${tasksOfRunEndpoint}/{id}/logs`;
export const logEndpoint = `${logsEndpoint}/download`;
