import { forbidden } from '../../engine/src/index.js';

export const broken = forbidden;
