import { load } from './load.js';

export const { serve } = await load('serve');
