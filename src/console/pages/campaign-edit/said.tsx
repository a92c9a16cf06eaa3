import type { SketchView } from '@contract'
import { clock } from '../../dates'
import { count } from '../../format'
import { Button, Notice } from '../../ui'
import { type ListFiles, type ListRole, ROLE_LABELS } from './list-file'

/** What stands above the form. */

export function Sending({ role, files }: { role: ListRole; files: ListFiles }) {
  return (
    <Notice kind="plain">
      <span role="status">{`草稿已保存，正在上传${ROLE_LABELS[role]}名单：${count(files[role]?.count ?? 0)} 家…`}</span>
    </Notice>
  )
}

/** The form is as it was left; whoever wants it otherwise begins anew. */
export function Restored({ sketch, onDiscard }: { sketch: SketchView; onDiscard(): void }) {
  return (
    <Notice>
      <span>{`已接着您 ${clock(Date.parse(sketch.updatedAt))} 没保存完的内容。`}</span>
      <Button kind="text" onClick={onDiscard}>
        不要了，重新填
      </Button>
    </Notice>
  )
}

/** A colleague threw the draft away: what was typed can become another. */
export function Gone({ ready, onNew }: { ready: boolean; onNew(): void }) {
  return (
    <Notice>
      <span>
        {ready
          ? '同事删除了这个草稿。您填写的内容还在，保存时另建一个新活动。'
          : '同事刚刚删除了这个草稿。您填写的内容还在。'}
      </span>
      {!ready && (
        <Button kind="text" onClick={onNew}>
          另存为新活动
        </Button>
      )}
    </Notice>
  )
}
