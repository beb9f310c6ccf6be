import { load } from './load.js';

export const { doctor } = await load('doctor');
