import type { SecretValues } from '@slipway/engine';
import { type Logger, pino } from 'pino';

/** One JSON line each on standard output. The values of all secrets this process has read are taken out on the way. */
export function openLog(level: string, secrets: SecretValues): Logger {
  return pino({ name: 'api', level, hooks: { streamWrite: (line) => secrets.redact(line) } });
}
