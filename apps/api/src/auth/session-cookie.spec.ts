import { endedSessionCookie, sessionCookie, sessionTokenOf } from './session-cookie.js';

describe('the session cookie', () => {
  it('is out of reach of scripts and other sites', () => {
    const cookie = sessionCookie('abc', new Date('2026-01-01T00:00:00Z'), true);
    expect(cookie.split('; ').sort()).toEqual([
      'Expires=Thu, 01 Jan 2026 00:00:00 GMT',
      'HttpOnly',
      'Path=/',
      'SameSite=Lax',
      'Secure',
      'slipway_session=abc',
    ]);
  });

  it('is not asked to be Secure where we are served without TLS', () => {
    expect(sessionCookie('abc', new Date(), false)).not.toContain('Secure');
  });

  it('ends at once when it is taken back', () => {
    expect(endedSessionCookie(false)).toContain('Max-Age=0');
  });

  it.each([
    [undefined, null],
    ['', null],
    ['other=1', null],
    ['slipway_session=', null],
    ['other=1; slipway_session=abc; more=2', 'abc'],
    ['xslipway_session=abc', null],
  ])('of the header %j is %j', (header, token) => expect(sessionTokenOf(header)).toBe(token));
});
