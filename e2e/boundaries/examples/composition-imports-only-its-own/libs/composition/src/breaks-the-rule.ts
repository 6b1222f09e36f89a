import { forbidden } from '../../persistence/src/index.js';

export const broken = forbidden;
