/**
 * By its files: the library's entry also loads a test helper, which needs a validator that compiles schemas into code
 * and that the library does not declare.
 */
export { default as Form } from '@rjsf/core/lib/components/Form.js';
export { default as getDefaultRegistry } from '@rjsf/core/lib/getDefaultRegistry.js';
