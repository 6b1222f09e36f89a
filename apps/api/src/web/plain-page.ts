import type { FastifyReply } from 'fastify';
import { pageHeaders } from './content-security-policy.js';

/** A page for people where the web app has no part: a link that no longer works, a web app that was not built. */
export function sendPlainPage(reply: FastifyReply, status: number, title: string, text: string): FastifyReply {
  return reply.status(status).headers(pageHeaders).type('text/html; charset=utf-8').send(plainPage(title, text));
}

function plainPage(title: string, text: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)} · Slipway</title></head>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem">
<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
