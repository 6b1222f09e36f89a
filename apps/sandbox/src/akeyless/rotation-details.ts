import { dateOf } from './gateway.js';
import type { RotatedSecret } from './model.js';

/** `rotated_secret_details` of an item. */
export function rotationDetails(secret: RotatedSecret): Record<string, unknown> {
  return {
    rotator_type: secret.rotator,
    rotator_creds_type: secret.login,
    rotator_status: secret.failure === '' ? 'RotationSucceeded' : 'RotationFailed',
    last_rotation_error: secret.failure,
    rotation_hour: secret.hour,
    rotation_interval_min: false,
    timeout_seconds: 15,
  };
}

export function rotationTimes(secret: RotatedSecret): Record<string, unknown> {
  return {
    auto_rotate: secret.auto,
    rotation_interval: secret.intervalDays,
    last_rotation_date: dateOf(secret.rotatedAt),
    ...(secret.nextAt !== undefined && { next_rotation_date: dateOf(secret.nextAt) }),
  };
}
