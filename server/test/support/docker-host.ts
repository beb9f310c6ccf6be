/** The engine of the tests, as `.ci/docker start` prints it; empty where there is none. */
export const dockerHost = process.env.TEST_DOCKER_HOST ?? '';

/** Where no engine is. */
export const nowhere = 'unix:///nonexistent/docker.sock';
