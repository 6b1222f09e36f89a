import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '../auth/public.js';
import { Metrics } from './metrics.js';

/** For Prometheus, which sends no token; figures only, no names of anything that a team owns. */
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  read(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
