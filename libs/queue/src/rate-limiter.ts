import { randomUUID } from 'node:crypto';
import { type Demand, lookAgainMs, MemoryRateLimiter, type Pass, type RateLimiter, systemClock } from '@slipway/engine';
import type { Redis } from 'ioredis';
import { closeWithin } from './close-within.js';

/** What Redis may take to answer; then this process paces itself. */
const patienceMs = 1_000;

/**
 * One pace for all processes, by the clock of Redis. What is kept there is of use for an hour at most and may be lost at any
 * moment: whoever cannot reach it keeps the pace in its own memory meanwhile, and the other side's refusals are heeded in any case.
 */
export class RedisRateLimiter implements RateLimiter {
  private readonly own = new MemoryRateLimiter(systemClock);

  constructor(private readonly redis: Redis) {}

  async take(budget: string, demand: Demand): Promise<Pass> {
    const holder = randomUUID();
    const answer = await this.ask(take, keysOf(budget, demand), [holder, ...numbersOf(demand)]);
    if (!Array.isArray(answer)) return this.own.take(budget, demand);
    const [because, afterMs] = answer as [Refusal | 'granted', number];
    if (because !== 'granted') return { granted: false, afterMs, because };
    const done = async (): Promise<void> => {
      if (demand.alone) await this.ask(giveBack, [aloneKey(budget)], [holder]);
    };
    return { granted: true, done };
  }

  async pause(budget: string, ms: number): Promise<void> {
    await Promise.all([this.own.pause(budget, ms), this.ask(pause, [pauseKey(budget)], [Math.ceil(ms)])]);
  }

  /** Undefined where Redis is away or does not answer in time. */
  private async ask(script: string, keys: string[], values: (string | number)[]): Promise<unknown> {
    let answer: unknown;
    const asking = this.redis.eval(script, keys.length, ...keys, ...values).then((given) => (answer = given));
    await closeWithin(patienceMs, asking);
    return answer;
  }
}

type Refusal = Extract<Pass, { granted: false }>['because'];

function pauseKey(budget: string): string {
  // In braces, so that all keys of a budget lie on one node of a cluster.
  return `slipway:pace:{${budget}}:pause`;
}

function aloneKey(budget: string): string {
  return `slipway:pace:{${budget}}:alone`;
}

function keysOf(budget: string, { within }: Demand): string[] {
  const next = `slipway:pace:{${budget}}:next`;
  return [pauseKey(budget), aloneKey(budget), next, ...within.map(({ name }) => `slipway:pace:{${budget}}:within:${name}`)];
}

function numbersOf({ alone, within }: Demand): number[] {
  return [alone ? 1 : 0, alone?.gapMs ?? 0, alone?.leaseMs ?? 0, lookAgainMs, ...within.flatMap(({ most, perMs, cost }) => [most, perMs, cost])];
}

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** The same rules as those of MemoryRateLimiter. A point is a member of a sorted set, by when it was taken. */
const take = `${now}
local holder, alone, gap, lease, look = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local paused = redis.call('PTTL', KEYS[1])
if paused > 0 then return {'a pause was asked for', paused} end
local wait = 0
for i = 4, #KEYS do
  local at = 6 + (i - 4) * 3
  local most, per, cost = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now - per)
  local tooMany = redis.call('ZCARD', KEYS[i]) + cost - most
  if tooMany > 0 then
    local last = redis.call('ZRANGE', KEYS[i], tooMany - 1, tooMany - 1, 'WITHSCORES')
    if last[2] then wait = math.max(wait, last[2] + per - now) end
  end
end
if wait > 0 then return {'the allowance is used up', wait} end
if alone then
  local next = tonumber(redis.call('GET', KEYS[3]) or '0')
  if redis.call('EXISTS', KEYS[2]) == 1 then next = math.max(next, now + look) end
  if next > now then return {'another call is under way', next - now} end
  redis.call('SET', KEYS[2], holder, 'PX', lease)
  redis.call('SET', KEYS[3], string.format('%.0f', now + gap), 'PX', math.max(1, gap))
end
for i = 4, #KEYS do
  local at = 6 + (i - 4) * 3
  for point = 1, tonumber(ARGV[at + 2]) do redis.call('ZADD', KEYS[i], now, holder .. ':' .. point) end
  redis.call('PEXPIRE', KEYS[i], ARGV[at + 1])
end
return {'granted', 0}
`;

const giveBack = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** The longest pause counts. */
const pause = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
return 1
`;
