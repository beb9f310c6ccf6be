import { load } from './load.js';

export const { server } = await load('server');
