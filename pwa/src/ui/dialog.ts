// Safari 14 knows <dialog> as a name only: there it is shown in place, without the browser's own focus trap.
export function showDialog(el: HTMLDialogElement) {
  if (el.hasAttribute('open')) return
  if (typeof el.showModal === 'function') return el.showModal()
  el.classList.add('dialog-plain')
  el.setAttribute('open', '')
  el.querySelector<HTMLElement>('input, textarea, select, button')?.focus()
}

export function closeDialog(el: HTMLDialogElement) {
  if (!el.hasAttribute('open')) return
  if (typeof el.close === 'function') return el.close()
  el.removeAttribute('open')
  el.dispatchEvent(new Event('close'))
}
