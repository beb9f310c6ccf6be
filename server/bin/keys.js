import { load } from './load.js';

export const { keys } = await load('keys-command');
