import { type ReactNode, useState } from 'react'
import { SHA_256 } from '../../../sentences'
import { dateTime } from '../../dates'
import { Button, Card, PageHead, toast } from '../../ui'
import './index.scss'

interface Stamp {
  generatedAt: string
  by: { username: string; name: string }
  sha256: string
  code: string
}

interface PaperProps<Sheet extends Stamp> {
  /** of the page, and of the file that a browser makes of it */
  title: string
  trail: readonly (readonly [words: string, to: string])[]
  /** asks the server to make it, which goes into the log */
  make(): Promise<Sheet>
  children(sheet: Sheet): ReactNode
}

/**
 * 签字件: what is printed, or saved as PDF by the browser's own print, and signed by hand. It is made by a key and not by opening the
 * page, since each is in the log.
 */
export function Paper<Sheet extends Stamp>({ title, trail, make, children }: PaperProps<Sheet>) {
  const [sheet, setSheet] = useState<Sheet | null>(null)
  const [busy, setBusy] = useState(false)
  async function start() {
    setBusy(true)
    await make().then(setSheet, (fault) => toast.fault(fault))
    setBusy(false)
  }
  return (
    <>
      <PageHead
        title={title}
        trail={trail}
        keys={
          <>
            <Button kind={sheet ? 'plain' : 'main'} busy={busy} onClick={() => void start()}>
              {sheet ? '重新出具' : '出具签字件'}
            </Button>
            {sheet && (
              <Button kind="main" onClick={() => window.print()}>
                打印 / 另存为 PDF
              </Button>
            )}
          </>
        }
      />
      {sheet ? (
        <article className="c-paper" aria-label={title}>
          <h2 className="c-paper__title">{title}</h2>
          {children(sheet)}
          <Signatures />
          <Check stamp={sheet} />
        </article>
      ) : (
        <Card title="签字件">
          <p>
            出具以后可以打印，或在打印窗口里另存为
            PDF，再手写签字。每出具一次，审计日志都会记下时间、出具人、主要数字和校验码，纸面上的数字以后可以据此核对。
          </p>
        </Card>
      )}
    </>
  )
}

const SIGNERS = ['经办', '复核', '负责人']

const Signatures = () => (
  <div className="c-paper__signers">
    {SIGNERS.map((who) => (
      <p key={who} className="c-paper__signer">
        <span>{`${who}：`}</span>
        <span className="c-paper__line" />
        <span>日期：</span>
        <span className="c-paper__line" />
      </p>
    ))}
  </div>
)

/** By what the paper is held against the log. */
function Check({ stamp: { generatedAt, by, sha256, code } }: { stamp: Stamp }) {
  return (
    <footer className="c-paper__check">
      <p>{`出具：${by.name}（${by.username}），${dateTime(generatedAt)}`}</p>
      <p>
        校验码 <strong className="c-code">{code.replace(/(.{4})(?=.)/g, '$1 ')}</strong>
      </p>
      <p>核对：运营台“审计日志”，对象选“签字件”，编号填校验码（不含空格），看出具人、时间和数字是否与本件一致。</p>
      <p className="c-code">{`${SHA_256} ${sha256}`}</p>
    </footer>
  )
}
