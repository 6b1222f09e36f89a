import type { components } from '@octokit/openapi-types';
import type { Delivery, Hook } from './model.js';

const HIDDEN = '********';

/** `api` is the URL of the organisation or repository that the hook belongs to. A secret is shown as asterisks only. */
export function hookView(hook: Hook, api: string) {
  const url = `${api}/hooks/${hook.id}`;
  const { secret, ...config } = hook.config;
  return {
    type: hook.repositoryId === null ? 'Organization' : 'Repository',
    id: hook.id,
    name: 'web',
    active: hook.active,
    events: hook.events,
    config: { ...config, ...(secret && { secret: HIDDEN }) },
    updated_at: hook.updatedAt,
    created_at: hook.createdAt,
    url,
    ping_url: `${url}/pings`,
    deliveries_url: `${url}/deliveries`,
    ...(hook.repositoryId !== null && { test_url: `${url}/test`, last_response: hook.lastResponse }),
  } satisfies components['schemas']['org-hook'] & Partial<components['schemas']['hook']>;
}

export function deliveryItem(delivery: Delivery): components['schemas']['hook-delivery-item'] {
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.duration,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: null,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

export function deliveryDetail(delivery: Delivery): components['schemas']['hook-delivery'] {
  return {
    ...deliveryItem(delivery),
    url: delivery.url,
    request: { headers: delivery.request.headers, payload: JSON.parse(delivery.request.payload) as Record<string, unknown> },
    response: { headers: delivery.response.headers, payload: delivery.response.payload },
  };
}
