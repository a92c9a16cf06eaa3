import type { FormEvent } from 'react'
import { useAnew } from '../use-anew'
import { go, usePlace } from './router'
import './search-box.scss'

/** As much as the server reads. */
const MOST = 120

export const searchPlace = (text: string) => `search?q=${encodeURIComponent(text)}`

/** The one box for everything: numbers, merchants, amounts, times, reasons. What was looked for last stays in it. */
export function SearchBox({ wide = false }: { wide?: boolean }) {
  const { path, query } = usePlace()
  const now = path === 'search' ? (query.q ?? '') : ''
  const [typed, setTyped] = useAnew(now)
  function submit(event: FormEvent) {
    event.preventDefault()
    if (typed.trim()) go(searchPlace(typed.trim()))
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: React doesn't know the element yet
    <form role="search" className={`c-find ${wide ? 'c-find--wide' : ''}`} onSubmit={submit}>
      <input
        className="c-find__box"
        type="search"
        aria-label="查订单、退款、商户"
        placeholder={wide ? '订单号、退款号、渠道流水、商户、金额、时间、原因，用空格隔开' : '单号、商户、金额'}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={MOST}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="c-find__key">
        查
      </button>
    </form>
  )
}
