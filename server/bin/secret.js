import { load } from './load.js';

export const { secret } = await load('secret');
