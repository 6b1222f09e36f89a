/** Injects the `ApiRuntime`. */
export const RUNTIME = Symbol('slipway:runtime');
