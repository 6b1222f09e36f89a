import process from 'node:process';
import { startWorker } from '@slipway/worker';
import { benchProvider } from './steps.mjs';

await startWorker(process.env, { providers: [benchProvider] });
