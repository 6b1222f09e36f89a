import { forbidden } from '../../../libs/providers/kubernetes/src/index.js';

export const broken = forbidden;
