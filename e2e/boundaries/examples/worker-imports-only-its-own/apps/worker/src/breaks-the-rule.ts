import { forbidden } from '../../../libs/providers/github/src/index.js';

export const broken = forbidden;
