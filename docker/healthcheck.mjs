// Exit status 0 where the program of this container serves: node docker/healthcheck.mjs api|worker|sandbox
import { readFileSync } from 'node:fs';
import path from 'node:path';

const TIMEOUT_MS = 4_000;

const address = {
  api: () => `http://127.0.0.1:${process.env.PORT}/health/ready`,
  worker: () => `http://127.0.0.1:${process.env.SLIPWAY_HEALTH_PORT}/health/ready`,
  sandbox: () => `http://127.0.0.1:${sandboxControlPort()}/clock`,
};

/** The sandbox writes this file once all of it listens, and removes it when it stops. */
function sandboxControlPort() {
  const { control } = JSON.parse(readFileSync(path.join(process.env.SANDBOX_HOME, 'sandbox.json'), 'utf8'));
  return new URL(control).port;
}

try {
  const url = address[process.argv[2]]();
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  console.log(`${url} answered ${response.status}: ${(await response.text()).slice(0, 1_000)}`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(`Not healthy: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
