import type { BindingCards } from '@contract'
import { useEffect, useState } from 'react'
import { saveFile } from '../../../platform/save'
import { count } from '../../format'
import { Button, Dialog, Fault } from '../../ui'
import { sheetsOf } from './sheet'

const ASKS = {
  title: 'PDF 保存了吗？',
  text: '关闭以后，这批卡不再显示，只能重新制卡、重新复核。',
  verb: '已保存，关闭',
}

/** The sheets of a batch, drawn here and shown never again: how far it is, and the key that saves them. */
export function PrintSheets({ batch, days, onClose }: { batch: BindingCards; days: number; onClose(): void }) {
  const [run, setRun] = useState(1)
  const { done, file, fault } = useSheets(batch, days, run)
  const all = batch.cards.length
  return (
    <Dialog title={`绑定卡：${count(all)} 家`} onClose={onClose} asks={ASKS}>
      <p className="heard" role="status">
        {file ? '已生成' : run === 0 ? '已停止' : '正在生成'}
      </p>
      <progress className="c-progress" aria-label="生成进度" max={all} value={done} />
      <p className="c-quiet">
        {file ? `${count(all)} 张，${megabytes(file.size)} MB` : `已生成 ${count(done)} / ${count(all)} 张`}
      </p>
      <div className="c-dialog__text">
        <p>只显示这一次；丢了就重新制卡。打印后请剪下绑定卡交店主本人，海报贴在店里。</p>
        <p>通过复核的同事会看到激活码清单。没有通过以前，卡没有用处。</p>
      </div>
      <Fault text={fault} />
      <div className="c-dialog__keys">
        {!file && run > 0 && !fault && <Button onClick={() => setRun(0)}>停止生成</Button>}
        {!file && (run === 0 || fault) && <Button onClick={() => setRun((was) => was + 1)}>重新生成</Button>}
        {file ? (
          <Button kind="main" onClick={() => saveFile(file, `绑定卡-${all}家-${batch.change.changeId}.pdf`)}>
            保存 PDF
          </Button>
        ) : (
          <Button kind="main" disabled>
            保存 PDF
          </Button>
        )}
      </div>
    </Dialog>
  )
}

/** `run`: grows with every attempt; 0 while it is stopped. */
function useSheets(batch: BindingCards, days: number, run: number) {
  const [done, setDone] = useState(0)
  const [file, setFile] = useState<Blob>()
  const [fault, setFault] = useState<string>()
  useEffect(() => {
    if (run === 0) return
    const stop = new AbortController()
    setFault(undefined)
    sheetsOf(batch, days, { signal: stop.signal, onSheet: setDone }).then(setFile, (error) => {
      if (stop.signal.aborted) return
      console.error(error)
      setFault('浏览器没能生成，请关闭其他页面后重试')
    })
    return () => stop.abort()
  }, [batch, days, run])
  return { done, file, fault }
}

const megabytes = (bytes: number) => Math.max(1, Math.round(bytes / 1_048_576))
