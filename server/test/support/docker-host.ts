/** The engine of the tests, as `.ci/docker start` prints it; empty where there is none. */
export const dockerHost = process.env.TEST_DOCKER_HOST ?? '';

/** Where no engine is. */
export const nowhere = 'unix:///nonexistent/docker.sock';

/** The directory of the second generation of compose, as `.ci/compose2 start` prints it; empty where there is none. */
export const composeDirectory = process.env.TEST_COMPOSE2 ?? '';

/** Whether the images of the built-in templates, or their stand-ins, are on the engine: `.ci/templates start` makes those. */
export const hasTemplateImages = (process.env.TEST_TEMPLATES ?? '') !== '';
