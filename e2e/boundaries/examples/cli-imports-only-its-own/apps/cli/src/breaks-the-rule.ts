import { forbidden } from '../../../libs/persistence/src/index.js';

export const broken = forbidden;
