import type { ImportView } from '@contract'
import { FileFaults } from '../../file-faults'
import { count } from '../../format'
import { Figure, Figures, Notice } from '../../ui'

/** What a file would do, or every line of it that is wrong. */
export function ImportReport({ fileName, view }: { fileName: string; view: ImportView }) {
  const { lines, added, changed, unchanged, faultCount } = view
  if (faultCount > 0) return <Faults fileName={fileName} view={view} />
  return (
    <>
      {added + changed === 0 ? (
        <Notice kind="plain">{`“${fileName}”与现有资料完全相同，不用导入。`}</Notice>
      ) : (
        <Notice kind="plain">{`“${fileName}”试过了，没有错误；还没有导入。`}</Notice>
      )}
      <Figures>
        <Figure title="共" value={count(lines)} note="行" />
        <Figure title="将新增" value={count(added)} note="家，商户号是新的" />
        <Figure title="将更新" value={count(changed)} note="家，名称、网点或账户有变" />
        <Figure title="不变" value={count(unchanged)} note="家" />
      </Figures>
    </>
  )
}

function Faults({ fileName, view }: { fileName: string; view: ImportView }) {
  return (
    <>
      <Notice>{`“${fileName}”有 ${count(view.faultCount)} 处错误，一行都不能导入。请改好后重新选择文件。`}</Notice>
      <FileFaults title="有错的行" view={view} />
    </>
  )
}
