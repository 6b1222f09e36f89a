import { z } from 'zod';

/** RFC 1123 subdomain, as Kubernetes wants the names of most objects. */
export const ObjectName = z
  .string()
  .max(253, 'must be at most 253 characters long')
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    'must hold only lower-case letters, digits, dashes and dots, and start and end with a letter or digit',
  );
