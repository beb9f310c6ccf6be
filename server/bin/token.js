import { load } from './load.js';

export const { token } = await load('token');
