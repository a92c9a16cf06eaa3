import { type ReactNode, useEffect, useRef } from 'react'
import { Link } from '../router'

interface HeadProps {
  title: string
  /** the way here: words and places, the outermost first */
  trail?: readonly (readonly [words: string, to: string])[]
  /** beside the title, e.g. a state */
  mark?: ReactNode
  /** a line of small print */
  meta?: ReactNode
  /** keys at the right */
  keys?: ReactNode
}

/** The head of a page. Its h1 takes the focus when the page opens, so that a screen reader says where one is. */
export function PageHead({ title, trail = [], mark, meta, keys }: HeadProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · 发牌运营台`
  }, [title])
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <header className="c-head">
      {trail.length > 0 && (
        <nav className="c-trail" aria-label="位置">
          {trail.map(([words, to]) => (
            <span key={to}>
              <Link to={to}>{words}</Link>
              <span aria-hidden="true"> / </span>
            </span>
          ))}
          <span aria-current="page">{title}</span>
        </nav>
      )}
      <div className="c-head__line">
        <h1 ref={heading} tabIndex={-1} className="c-head__title">
          {title}
        </h1>
        {mark}
        {meta && <p className="c-head__meta">{meta}</p>}
        {keys && <div className="c-head__keys">{keys}</div>}
      </div>
    </header>
  )
}

/** A white card with its title. */
export function Card({
  title,
  aside,
  className = '',
  children,
}: {
  title: string
  aside?: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <section className={`c-card ${className}`} aria-label={title}>
      <div className="c-card__head">
        <h2 className="c-card__title">{title}</h2>
        {aside && <div className="c-card__aside">{aside}</div>}
      </div>
      {children}
    </section>
  )
}

/** One number that leads, what it is, and what to know about it. */
export function Figure({
  title,
  value,
  note,
  good,
}: {
  title: string
  value: ReactNode
  note?: ReactNode
  good?: boolean
}) {
  return (
    <div className="c-figure">
      <dt className="c-figure__title">{title}</dt>
      <dd className="c-figure__value">{value}</dd>
      {note && <dd className={`c-figure__note ${good ? 'c-figure__note--good' : ''}`}>{note}</dd>}
    </div>
  )
}

/** A row of figures. */
export const Figures = ({ children }: { children: ReactNode }) => <dl className="c-figures">{children}</dl>

/** Names and values, e.g. of a rule. */
export function Facts({ rows }: { rows: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="c-facts">
      {rows.map(([name, value]) => (
        <div key={name} className="c-facts__row">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A sentence that must be seen: `wait` when something is to be done, `ok` when it went well. */
export function Notice({ kind = 'wait', children }: { kind?: 'wait' | 'ok' | 'plain' | 'stop'; children: ReactNode }) {
  return <div className={`c-notice c-notice--${kind}`}>{children}</div>
}
