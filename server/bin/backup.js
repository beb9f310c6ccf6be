import { load } from './load.js';

export const { backup } = await load('backup');
