import type { RunEvent } from '@slipway/contracts';
import { encodeEvent, resumePoint } from './encode-event.js';

describe('encodeEvent', () => {
  it('keeps every line break of a message inside its data', () => {
    const event: RunEvent = {
      type: 'log',
      seq: 7,
      at: '2026-01-01T00:00:00.000Z',
      line: 3,
      stepId: null,
      level: 'info',
      message: 'one\ntwo\r\n\nid: 9',
    };
    const encoded = encodeEvent(event);
    const [id, name, data, ...rest] = encoded.split('\n');
    expect([id, name, rest]).toEqual(['id: 7', 'event: log', ['', '']]);
    expect(JSON.parse((data ?? '').slice('data: '.length))).toEqual(event);
  });
});

describe('resumePoint', () => {
  it.each([
    [undefined, undefined, 0],
    ['12', undefined, 12],
    [undefined, '5', 5],
    ['12', '5', 12],
    ['', 'x', 0],
    ['-1', '1e3', 0],
    ['99999999999999', undefined, 0],
  ])('of Last-Event-ID %j and after %j is %d', (lastEventId, after, expected) => {
    expect(resumePoint(lastEventId, after)).toBe(expected);
  });
});
