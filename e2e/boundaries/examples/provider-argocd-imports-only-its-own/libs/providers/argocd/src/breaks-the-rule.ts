import { forbidden } from '../../../templating/src/index.js';

export const broken = forbidden;
