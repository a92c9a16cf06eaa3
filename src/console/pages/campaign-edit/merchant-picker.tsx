import { useState } from 'react'
import { count } from '../../format'
import { Button, Fault, TextArea } from '../../ui'
import { FileKey } from './list-file'
import { codesOf, MOST_CODES } from './merchant-codes'
import { MerchantSearch } from './merchant-search'

/** More than a screen of them is a list nobody reads. */
const SHOWN = 60

interface PickerProps {
  /** 参与商户 or 对照商户 */
  label: string
  hint: string
  codes: readonly string[]
  onCodes(codes: readonly string[]): void
  /** reads it: the codes to add, or why there are none; null when it is kept as a file instead */
  onFile(file: File): Promise<Found | string | null>
  fault?: string
}

type Found = ReturnType<typeof codesOf>

/** Merchants by search, by pasting their codes, or from a CSV file; each once. */
export function MerchantPicker({ label, hint, codes, onCodes, onFile, fault }: PickerProps) {
  const [said, setSaid] = useState('')
  const [refused, setRefused] = useState<string>()
  const chosen = new Set(codes)
  function add({ codes: more, wrong }: Found) {
    const fresh = more.filter((code) => !chosen.has(code))
    const next = [...codes, ...fresh]
    if (next.length > MOST_CODES) return setRefused(`这里最多 ${count(MOST_CODES)} 家，更多的请放在一个 CSV 文件里`)
    setRefused(wrong.length > 0 ? `跳过了 ${wrong.length} 个不是商户号的：${wrong.slice(0, 5).join('、')}` : undefined)
    setSaid(fresh.length > 0 ? `新增 ${fresh.length} 家` : '都已在名单里')
    onCodes(next)
  }
  async function read(file: File) {
    const found = await onFile(file)
    if (typeof found === 'string') setRefused(found)
    else if (found) add(found)
  }
  return (
    <fieldset className="picker">
      <legend className="c-field__label">{`${label}：${codes.length} 家`}</legend>
      <p className="c-field__hint">{hint}</p>
      <Fault text={fault ?? refused} />
      <p className="heard" aria-live="polite">
        {said}
      </p>
      <div className="picker__ways">
        <MerchantSearch chosen={chosen} onPick={(codes) => add({ codes: [...codes], wrong: [] })} />
        <Paste label={label} onAdd={add} onFile={(file) => void read(file)} />
      </div>
      {codes.length > 0 && (
        <ul className="picker__chosen" aria-label={`已选${label}`}>
          {codes.slice(0, SHOWN).map((code) => (
            <li key={code} className="picker__code">
              {code}
              <button
                type="button"
                aria-label={`移除 ${code}`}
                onClick={() => onCodes(codes.filter((one) => one !== code))}
              >
                ×
              </button>
            </li>
          ))}
          {codes.length > SHOWN && <li className="c-quiet">{`等 ${codes.length} 家`}</li>}
          <li>
            <Button kind="text" onClick={() => onCodes([])}>
              全部移除
            </Button>
          </li>
        </ul>
      )}
    </fieldset>
  )
}

function Paste({ label, onAdd, onFile }: { label: string; onAdd(found: Found): void; onFile(file: File): void }) {
  const [text, setText] = useState('')
  return (
    <div>
      <TextArea label="粘贴商户号" placeholder="M0001 M0002 …" rows={2} value={text} onText={setText} />
      <div className="c-row">
        <Button
          onClick={() => {
            onAdd(codesOf(text))
            setText('')
          }}
          disabled={text.trim() === ''}
        >
          加入粘贴的
        </Button>
        <FileKey label={label} words="从 CSV 文件加入" onFile={onFile} />
      </div>
    </div>
  )
}
