export { type Client, type ClientOptions, createClient } from './client.ts';
export { type Failure, TuttiError } from './error.ts';
export type * from './tools.ts';
