import { inner } from '../../contracts/src/run.js';

export const broken = inner;
