import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** One registry an app, not the library's global one: two apps in one process (specs) do not meet in it. */
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'slipway_http_request_duration_seconds',
    help: 'Time to answer, by route pattern.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.registry],
  });

  readonly streams = new Gauge({
    name: 'slipway_event_streams',
    help: 'Readers that follow a run right now.',
    registers: [this.registry],
  });

  readonly runsRequested = new Counter({
    name: 'slipway_runs_requested_total',
    help: 'Runs accepted by this process, by action.',
    labelNames: ['action'] as const,
    registers: [this.registry],
  });

  readonly deliveries = new Counter({
    name: 'slipway_webhook_deliveries_total',
    help: 'Webhooks by provider and what became of them at the door: stored, repeated, refused.',
    labelNames: ['provider', 'outcome'] as const,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
