import { FileFaults } from '../../file-faults'
import { count } from '../../format'
import { Notice } from '../../ui'
import { ROLE_LABELS } from './list-file'
import type { Refused } from './upload'

/** Every line of a list's file that can't be taken; the draft itself is saved. */
export function ListFaults({ refused: { role, fileName, view } }: { refused: Refused }) {
  const label = ROLE_LABELS[role]
  return (
    <>
      <Notice>
        <span>
          {`草稿已保存，但${label}名单没有导入：“${fileName}”有 ${count(view.faultCount)} 处错误。请改好后重新选择文件，再保存一次。`}
        </span>
      </Notice>
      <FileFaults title={`${label}名单里有错的行`} view={view} />
    </>
  )
}
