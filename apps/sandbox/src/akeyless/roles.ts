import { z } from 'zod';
import { operation, optional, type Operation } from './operation.js';

/** The two roles that every sandbox has. Creating and changing roles is not implemented. */
export const roles: Operation[] = [
  operation('/list-roles', optional(z.string(), 'filter', 'pagination-token'), ({ gateway }, { filter = '' }) => {
    const found = gateway.accesses.filter((access) => access.role.includes(filter));
    return {
      roles: found.map((access, index) => ({
        role_id: index + 1,
        role_name: access.role,
        comment: '',
        rules: { path_rules: access.rules.map((rule) => ({ ...rule, type: 'item-rule' })) },
        role_auth_methods_assoc: [{ assoc_id: `ass-${access.id}`, auth_method_access_id: access.id }],
      })),
      next_page: '',
    };
  }),
];
