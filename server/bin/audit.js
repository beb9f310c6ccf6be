import { load } from './load.js';

export const { audit } = await load('audit');
