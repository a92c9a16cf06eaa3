import { Link } from './router'
import { Notice, Once } from './ui'

/** What forms say when something now waits for a second person. */

/** Under the page's head: where it waits, and that nothing has changed yet. */
export function Submitted({ what }: { what: string }) {
  return (
    <Notice>
      <span>{`${what}已提交复核，另一位通过后才生效。`}</span>
      <Link to="reviews">看待复核</Link>
    </Notice>
  )
}

/** One half of what two people tell a third: neither of them can use it alone. */
export function HalfOnce({
  what,
  about,
  half,
  which,
  onClose,
}: {
  /** e.g. 绑定码 */
  what: string
  about: string
  half: string
  which: 'first' | 'second'
  onClose(): void
}) {
  const [mine, other, lines] =
    which === 'first'
      ? ['前', '后', ['另一位通过后会看到后一半，请他告诉本人。没有通过之前，这一半没有用处。']]
      : ['后', '前', ['前一半在提交的人那里，由他告诉本人。']]
  return (
    <Once
      title={`${about} · ${what}的${mine}一半`}
      label={`${what}的${mine}一半`}
      text={half}
      lines={[
        `请当面或电话告诉本人，不要告诉拿着${other}一半的同事，也不要发在群里。`,
        ...lines,
        '只显示这一次；丢了就重新提交一次。',
      ]}
      onClose={onClose}
    />
  )
}
