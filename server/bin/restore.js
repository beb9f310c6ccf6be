import { load } from './load.js';

export const { restore } = await load('restore');
