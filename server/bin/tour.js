import { load } from './load.js';

export const { tour } = await load('tour/tour');
