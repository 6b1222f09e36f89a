import { z } from 'zod';
import { badRequest, unauthorizedAccess } from './akeyless-error.js';
import { dateOf, fullName, type Gateway } from './gateway.js';
import type { Item } from './model.js';
import { operation, optional, type Operation } from './operation.js';
import { may } from './permissions.js';
import { targetAssociations } from './producer-details.js';
import { rotationDetails, rotationTimes } from './rotation-details.js';

const DESCRIBE_FIELDS = {
  name: z.string(),
  ...optional(z.string(), 'accessibility', 'display-id'),
  ...optional(z.number(), 'item-id'),
  ...optional(z.boolean(), 'bastion-details', 'der-certificate-format', 'gateway-details', 'item-custom-fields-details'),
  ...optional(z.boolean(), 'services-details', 'show-versions'),
};

const LIST_FIELDS = {
  ...optional(z.string(), 'accessibility', 'advanced-filter', 'auto-pagination', 'filter', 'pagination-token', 'path', 'tag'),
  ...optional(z.boolean(), 'current-folder', 'minimal-view', 'sra-only'),
  ...optional(z.number(), 'modified-after'),
  ...optional(z.array(z.string()), 'type', 'sub-types'),
};

export const items: Operation[] = [
  operation('/describe-item', DESCRIBE_FIELDS, ({ gateway }, input, caller) =>
    describe(gateway, gateway.item(caller, fullName(input.name), 'list')),
  ),

  operation('/list-items', LIST_FIELDS, ({ gateway }, { path, filter = '', tag, type }, caller) => {
    const lists = caller.rules.some((rule) => rule.type === 'item-rule' && rule.capabilities.includes('list'));
    if (path !== undefined && !lists) throw unauthorizedAccess();
    const prefix = path === undefined ? '/' : fullName(path).replace(/\/*$/, '/');
    const found = gateway.items
      .list()
      .map((entry) => entry.value)
      .filter((item) => may(caller, 'item-rule', item.name, 'list') && item.name.startsWith(prefix) && item.name.includes(filter))
      .filter((item) => tag === undefined || item.tags.includes(tag))
      .filter((item) => type === undefined || type.some((wanted) => wanted.replace('-', '_').toUpperCase() === item.type));
    return { items: found.map((item) => describe(gateway, item)), folders: [], has_next: false, next_page: '' };
  }),

  operation(
    '/delete-item',
    {
      name: z.string(),
      ...optional(z.string(), 'accessibility'),
      ...optional(z.boolean(), 'delete-immediately'),
      ...optional(z.number(), 'delete-in-days', 'version'),
    },
    ({ gateway, rotations }, input, caller) => {
      const item = gateway.item(caller, fullName(input.name), 'delete');
      removeItem(gateway, item);
      rotations.forget(item.name);
      return { item_id: item.id, item_name: item.name, deletion_date: dateOf(gateway.clock.now()) };
    },
  ),
];

/** The users that a dynamic secret has issued live on: nobody is left to revoke them. @throws AkeylessError 400 */
export function removeItem(gateway: Gateway, item: Item): void {
  if (item.deleteProtection)
    throw badRequest(`the item ${item.name} is protected from deletion; disable delete_protection first`);
  for (const lease of gateway.leasesOf(item.name)) gateway.leases.delete(lease.id);
  gateway.items.delete(item.name);
}

function describe(gateway: Gateway, item: Item): Record<string, unknown> {
  return {
    item_name: item.name,
    item_id: item.id,
    display_id: `i-${item.id}`,
    item_type: item.type === 'KEY' ? item.algorithm : item.type,
    item_sub_type: 'target' in item || item.type === 'DYNAMIC_SECRET' ? 'mysql' : 'generic',
    item_metadata: item.description,
    item_tags: item.tags,
    item_size: 0,
    item_state: 'Enabled',
    is_enabled: true,
    last_version: item.version,
    with_customer_fragment: item.type === 'KEY' && item.fragment !== undefined,
    public_value: '',
    certificates: '',
    protection_key_name: item.key,
    protection_key_type: '',
    client_permissions: ['create', 'read', 'update', 'delete', 'list'],
    cert_issuer_signer_key_name: '',
    certificate_issue_details: {},
    delete_protection: item.deleteProtection,
    item_general_info: generalInfo(gateway, item),
    item_targets_assoc: targetAssociations(gateway, item),
    creation_date: dateOf(item.createdAt),
    modification_date: dateOf(item.modifiedAt),
    ...(item.type === 'ROTATED_SECRET' && rotationTimes(item)),
  };
}

function generalInfo(gateway: Gateway, item: Item): Record<string, unknown> {
  const described = { display_metadata: item.description };
  if (item.type === 'STATIC_SECRET') return { ...described, static_secret_info: { format: item.format } };
  if (item.type === 'KEY') return described;
  if (item.type === 'ROTATED_SECRET') return { ...described, rotated_secret_details: rotationDetails(item) };
  const producer = {
    producer_type: 'mysql',
    user_ttl: `${item.ttl}m`,
    producer_status: item.active ? 'ProducerConnected' : 'ProducerError',
    producer_last_keep_alive: dateOf(gateway.clock.now()),
    failure_message: item.failure,
  };
  return { ...described, dynamic_secret_producer_details: producer };
}
