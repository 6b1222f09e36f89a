import { forbidden } from '../../queue/src/index.js';

export const broken = forbidden;
