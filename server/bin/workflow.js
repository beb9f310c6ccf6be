import { load } from './load.js';

export const { workflow } = await load('workflow-command');
