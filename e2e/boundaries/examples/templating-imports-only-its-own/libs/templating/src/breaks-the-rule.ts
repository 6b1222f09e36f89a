import { forbidden } from '../../portal/src/index.js';

export const broken = forbidden;
