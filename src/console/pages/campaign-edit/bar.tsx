import { ApiError } from '../../../api'
import { clock } from '../../dates'
import { sentenceOf } from '../../sentences'
import { Button, Fault } from '../../ui'
import type { Kept } from './use-sketch'

/** Always in reach: how what is typed is kept, what is wrong, and the keys. */
export function Bar({
  kept,
  fault,
  busy,
  onBack,
}: {
  kept: Kept
  fault: string | undefined
  busy: boolean
  onBack(): void
}) {
  return (
    <div className="edit__bar">
      <p className="edit__kept" role="status">
        {keptWords(kept)}
      </p>
      <Fault text={fault} />
      <Button onClick={onBack}>返回</Button>
      <Button type="submit" kind="main" busy={busy}>
        保存草稿
      </Button>
    </div>
  )
}

function keptWords(kept: Kept): string {
  switch (kept.kind) {
    case 'nothing':
      return ''
    case 'typing':
      return '填写中…'
    case 'saving':
      return kept.slow ? '网络慢，还在自动保存…' : '正在自动保存…'
    case 'kept':
      return `${clock(kept.at)} 已自动保存，只有您看得到；保存草稿后同事才看得到`
    case 'failed':
      return kept.fault instanceof ApiError && kept.fault.kind === 'offline'
        ? '网络不通：刚填写的内容还没有自动保存，恢复后会再试'
        : `没有自动保存：${sentenceOf(kept.fault)}`
    case 'elsewhere':
      return '没有自动保存：另一个标签页也在改，请先看上面'
    default:
      return kept satisfies never
  }
}
