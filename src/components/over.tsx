import { useLayoutEffect, useRef } from 'react'
import type { OverProps } from './over-props'
import './over.scss'

/**
 * What lies over the page until it is closed: the browser's own modal, so that focus goes to it, stays in it and returns to where it was, and
 * the page behind is out of reach. Focus is on the panel and on no button: the Enter that paid must not answer what is asked.
 */
export function Over({ title, asks, className = 'sheet__panel', children, onClose }: OverProps) {
  const box = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = box.current
    const before = document.activeElement
    show(dialog)
    return () => {
      dialog?.close?.()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={box}
      className="sheet"
      role={asks ? 'alertdialog' : 'dialog'}
      aria-modal="true"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // the keypad below has a use of its own for it
        event.stopPropagation()
        event.preventDefault()
        onClose()
      }}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      // some browsers close it whatever is said to that
      onClose={({ currentTarget }) => show(currentTarget)}
    >
      <div className={className}>{children}</div>
    </dialog>
  )
}

/** Browsers before 2022 know no modal: there it only lies over the page. */
function show(dialog: HTMLDialogElement | null) {
  if (!dialog?.isConnected) return
  if (dialog.showModal) dialog.showModal()
  else dialog.setAttribute('open', '')
  dialog.focus()
}
