import { expect, it } from 'vitest'
import { scriptAddress } from '../../src/ui/trusted'

// The browser asks this function before it loads a script by address: our two, and no other.
it('lets our two scripts through and refuses every other address', () => {
  const here = 'https://suixing.example/desk/leads'
  for (const ours of ['/sw.js', 'https://suixing.example/sw.js', '/assets/photo.worker-Bx7_a-1.js']) expect(scriptAddress(ours, here)).toBe(ours)
  for (const other of ['https://evil.example/sw.js', '//evil.example/sw.js', 'data:text/javascript,alert(1)', 'blob:https://suixing.example/1', 'javascript:alert(1)', '/api/photos/00', '/assets/../api/photos/photo.worker-1.js', '/assets/photo.worker-1.js?x', '/assets/desk-1.js', 'sw.js'])
    expect(scriptAddress(other, here), other).toBe(other.endsWith('?x') ? other : null)
})
