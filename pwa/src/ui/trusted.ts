// The server's pages demand Trusted Types (internal/platform/web): no text becomes markup or script. Two scripts are
// loaded by address, the service worker and the one that shrinks photos; the browser asks here before it takes an
// address, and every other is refused. Vue keeps a policy of its own, 'vue', for the markup it was compiled with.
interface Factory { createPolicy(name: string, rules: { createScriptURL: (address: string) => string | null }): unknown }
const own = /^\/(sw|assets\/photo\.worker-[\w-]+)\.js$/

/** scriptAddress: the address when it is one of our two scripts, else null, which the browser takes for a refusal. */
export function scriptAddress(address: string, here: string): string | null {
  const at = new URL(address, here)
  return at.origin === new URL(here).origin && own.test(at.pathname) ? address : null
}

;(globalThis as { trustedTypes?: Factory }).trustedTypes?.createPolicy('default', { createScriptURL: (a) => scriptAddress(a, location.href) })
