import { type ChangeEvent, useId } from 'react'
import { count } from '../../format'
import { Button } from '../../ui'

/** A list too long for one request: it goes up as the file it is, once the draft itself is saved. */
export interface ListFile {
  name: string
  bytes: Blob
  /** codes in it */
  count: number
  /** the list that it stands for, if it should be taken away again */
  before: readonly string[] | null
}

export type ListRole = 'merchant' | 'control'
export type ListFiles = Partial<Record<ListRole, ListFile>>

export const ROLE_LABELS: Record<ListRole, string> = { merchant: '参与商户', control: '对照商户' }

interface FileKeyProps {
  /** of whose file, for a screen reader */
  label: string
  words: string
  onFile(file: File): void
}

/** A key that chooses a CSV file. The same file, corrected, can be chosen anew. */
export function FileKey({ label, words, onFile }: FileKeyProps) {
  const id = useId()
  function chosen({ target }: ChangeEvent<HTMLInputElement>) {
    const file = target.files?.[0]
    target.value = ''
    if (file) onFile(file)
  }
  return (
    <>
      <input
        id={id}
        type="file"
        accept=".csv,text/csv,text/plain"
        className="picker__input heard"
        aria-label={`${label}的 CSV 文件`}
        onChange={chosen}
      />
      <label className="c-button picker__file" htmlFor={id}>
        {words}
      </label>
    </>
  )
}

interface FileListProps {
  label: string
  /** of the list as saved */
  saved: number
  file: ListFile | undefined
  fault: string | undefined
  onFile(file: File): void
  onDrop(): void
}

/** A list as a file: what is chosen, or, while it is too long to be shown, the key that replaces it. */
export function FileList({ label, saved, file, fault, onFile, onDrop }: FileListProps) {
  return (
    <fieldset className="picker">
      <legend className="c-field__label">{`${label}：${count(file?.count ?? saved)} 家`}</legend>
      <p className="c-field__hint">
        {file
          ? `“${file.name}”，保存草稿后上传，替换原来的名单`
          : '名单太长，不在这里逐个修改，请用 CSV 文件整个替换。'}
      </p>
      {fault && (
        <p className="c-field__fault" role="alert">
          {fault}
        </p>
      )}
      <div className="c-row">
        <FileKey label={label} words={file ? '换一个文件' : '用 CSV 文件替换'} onFile={onFile} />
        {file && <Button onClick={onDrop}>不用这个文件</Button>}
      </div>
    </fieldset>
  )
}
