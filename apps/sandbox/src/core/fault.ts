import { z } from 'zod';
import type { System } from '../stand-in.js';

export const SYSTEMS = ['github', 'akeyless', 'argocd', 'kubernetes'] as const satisfies readonly System[];

/** Each fault field, and what it says. Which kinds take which stands in FAULT_KINDS. */
const FIELDS = {
  status: z.int().min(400).max(599),
  headers: z.record(z.string(), z.string()),
  /** Sent as it is instead of the body that the system words for the status. */
  body: z.unknown(),
  message: z.string().min(1),
  delayMs: z.number().min(0).max(3_600_000),
};
type Field = keyof typeof FIELDS;

interface Kind {
  /** Of a request: matched by method and path. Of a thing: matched by its name, and asked for by the stand-in that holds it. */
  of: 'request' | 'thing';
  takes: readonly Field[];
  /** Absent: any. */
  systems?: readonly System[];
}

/** Every fault that can be switched on. What each does is told in the README. */
export const FAULT_KINDS = {
  // Instead of doing what was asked.
  'status': { of: 'request', takes: ['status', 'headers', 'body', 'message'] },
  'timeout': { of: 'request', takes: ['delayMs'] },
  'reset': { of: 'request', takes: [] },
  'expired-token': { of: 'request', takes: [] },
  'rate-limit': { of: 'request', takes: ['status', 'delayMs'], systems: ['github'] },
  'secondary-rate-limit': { of: 'request', takes: ['status', 'delayMs'], systems: ['github'] },
  // Before doing it.
  'slow': { of: 'request', takes: ['delayMs'] },
  // After doing it.
  'applied-then-timeout': { of: 'request', takes: ['delayMs'] },
  'applied-then-reset': { of: 'request', takes: [] },
  'applied-then-status': { of: 'request', takes: ['status', 'headers', 'body', 'message'] },
  'slow-body': { of: 'request', takes: ['delayMs'] },
  'endless-body': { of: 'request', takes: [] },
  'wrong-json': { of: 'request', takes: [] },
  // Of what a stand-in holds or sends.
  'not-found-after-create': { of: 'thing', takes: ['delayMs'], systems: ['github'] },
  'webhook-lost': { of: 'thing', takes: [], systems: ['github'] },
  'webhook-doubled': { of: 'thing', takes: [], systems: ['github'] },
  'webhook-late': { of: 'thing', takes: ['delayMs'], systems: ['github'] },
  'webhook-reordered': { of: 'thing', takes: [], systems: ['github'] },
  'limits-enforced': { of: 'thing', takes: [], systems: ['github'] },
  'run-fails': { of: 'thing', takes: [], systems: ['github'] },
  'revocation-fails': { of: 'thing', takes: ['message'], systems: ['akeyless'] },
  'never-healthy': { of: 'thing', takes: ['message'], systems: ['argocd', 'kubernetes'] },
  'stuck-termination': { of: 'thing', takes: [], systems: ['kubernetes'] },
  'watch-dropped': { of: 'thing', takes: ['delayMs'], systems: ['kubernetes', 'argocd'] },
  'watch-expired': { of: 'thing', takes: [], systems: ['kubernetes'] },
} as const satisfies Record<string, Kind>;

export type FaultKind = keyof typeof FAULT_KINDS;
type KindsOf<T extends Kind['of']> = { [K in FaultKind]: (typeof FAULT_KINDS)[K]['of'] extends T ? K : never }[FaultKind];
export type RequestFault = KindsOf<'request'>;
export type ThingFault = KindsOf<'thing'>;

const Text = z.string().min(1);
const kinds = Object.keys(FAULT_KINDS) as [FaultKind, ...FaultKind[]];

/**
 * A fault and what it befalls. A request is matched by `method`, by `path`, a glob over the path as sent (`*` stays within a
 * segment, `**` crosses segments; GitHub's `/api/v3` may be left out), by `agent`, a glob over its `User-Agent`, and by `body`,
 * a text that its JSON holds. A thing is matched by `name`, a glob too. The first `after` that match are spared; without `times` it lasts until it is taken
 * away.
 */
export const Fault = z
  .strictObject({
    system: z.enum(SYSTEMS),
    match: z.strictObject({ method: Text, path: Text, agent: Text, body: Text, name: Text }).partial().default({}),
    fault: z.enum(kinds, { error: `is none that the sandbox knows; it knows ${kinds.join(', ')}` }),
    after: z.int().min(0).optional(),
    times: z.int().min(1).optional(),
    probability: z.number().min(0).max(1).default(1),
    seed: z.int().default(1),
    ...z.object(FIELDS).partial().shape,
  })
  .check((context) => {
    for (const [path, message] of contradictions(context.value)) {
      context.issues.push({ code: 'custom', path: [...path], message, input: context.value });
    }
  });
export type Fault = z.infer<typeof Fault>;

/** What is written well and yet would do nothing: a field that this kind does not read, a system that does not have it. */
function* contradictions(fault: Record<string, unknown> & { system: System; fault: FaultKind; match: object }): Generator<[string[], string]> {
  const kind: Kind = FAULT_KINDS[fault.fault];
  if (kind.systems && !kind.systems.includes(fault.system)) {
    yield [['fault'], `${fault.fault} befalls ${kind.systems.join(' and ')}, not ${fault.system}`];
  }
  const takes = kind.takes.length > 0 ? `it takes ${kind.takes.join(', ')}` : 'it takes no field of its own';
  for (const field of Object.keys(FIELDS)) {
    if (fault[field] !== undefined && !kind.takes.includes(field as Field)) yield [[field], `means nothing to ${fault.fault}; ${takes}`];
  }
  const matchedBy = kind.of === 'request' ? ['method', 'path', 'agent', 'body'] : ['name'];
  for (const field of Object.keys(fault.match)) {
    if (!matchedBy.includes(field)) yield [['match', field], `means nothing to ${fault.fault}; it is matched by ${matchedBy.join(' and ')}`];
  }
}
