import { forbidden } from '../../../libs/contracts/src/index.js';

export const broken = forbidden;
