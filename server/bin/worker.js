import { load } from './load.js';

export const { worker } = await load('worker');
