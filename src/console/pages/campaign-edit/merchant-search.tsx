import type { AdminMerchantList } from '@contract'
import { useEffect, useState } from 'react'
import { get } from '../../client'
import { useBranches } from '../../filters'
import { count } from '../../format'
import { sentenceOf } from '../../sentences'
import { useOperator } from '../../session'
import { Button, Empty, Fault, Listed, SelectField, TextField } from '../../ui'
import { usePages } from '../../use-pages'
import { MOST_CODES } from './merchant-codes'

const TYPING_MS = 300
/** Of a page when all that is found is taken, so that a bank's merchants are ten requests. */
const AT_ONCE = 500

interface Wanted {
  q: string
  branchCode: string
}

interface Props {
  chosen: ReadonlySet<string>
  onPick(codes: readonly string[]): void
}

/** Merchants by branch, and by a part of name or code: one by one, or all that is found. */
export function MerchantSearch(props: Props) {
  const { branchCode: own } = useOperator()
  const branches = useBranches()
  const [typed, setTyped] = useState('')
  const [wanted, setWanted] = useState<Wanted>({ q: '', branchCode: '' })
  useEffect(() => {
    const timer = setTimeout(() => setWanted((was) => ({ ...was, q: typed.trim() })), TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <div>
      {own === null && (
        <SelectField
          label="按网点找"
          value={wanted.branchCode}
          options={[['', '全部网点'], ...branches.map(({ code, name }) => [code, name] as const)]}
          onText={(branchCode) => setWanted((was) => ({ ...was, branchCode }))}
        />
      )}
      <TextField label="按名称或商户号找" type="search" maxLength={40} value={typed} onText={setTyped} />
      {(wanted.q || wanted.branchCode) && <Found wanted={wanted} {...props} />}
    </div>
  )
}

function Found({ wanted, chosen, onPick }: Props & { wanted: Wanted }) {
  const [total, setTotal] = useState(0)
  const pages = usePages(async (cursor) => {
    const page = await get<AdminMerchantList>('/admin/merchants', { ...wanted, disabled: 'false', cursor })
    if (page.totals) setTotal(page.totals.merchants)
    return page
  }, JSON.stringify(wanted))
  return (
    <Listed pages={pages} empty={<Empty title="没有找到" />}>
      {(items) => (
        <>
          <All wanted={wanted} total={total} onPick={onPick} />
          <ul className="picker__found">
            {items.map(({ code, name, branchName, campaign }) => (
              <li key={code}>
                <span>
                  {`${name}（${code}）`}
                  <span className="c-table__under">
                    {campaign ? `${branchName} · 正在参加 ${campaign.name}` : branchName}
                  </span>
                </span>
                <Button disabled={chosen.has(code)} onClick={() => onPick([code])} aria-label={`加入 ${name} ${code}`}>
                  {chosen.has(code) ? '已加入' : '加入'}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Listed>
  )
}

/** All that is found, those too that aren't shown. */
function All({ wanted, total, onPick }: Pick<Props, 'onPick'> & { wanted: Wanted; total: number }) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  async function add() {
    setBusy(true)
    setFault(undefined)
    try {
      onPick(await codesOfAll(wanted))
    } catch (error) {
      setFault(sentenceOf(error))
    }
    setBusy(false)
  }
  return (
    <>
      <p className="c-row">
        <span className="c-quiet">{`找到 ${count(total)} 家`}</span>
        {total > 1 && (
          <Button kind="text" busy={busy} disabled={total > MOST_CODES} onClick={() => void add()}>
            {total > MOST_CODES ? `超过 ${count(MOST_CODES)} 家，请写得更具体` : `全部加入（${count(total)} 家）`}
          </Button>
        )}
      </p>
      <Fault text={fault} />
    </>
  )
}

async function codesOfAll(wanted: Wanted): Promise<string[]> {
  const codes: string[] = []
  let cursor: string | undefined
  do {
    const page: AdminMerchantList = await get('/admin/merchants', {
      ...wanted,
      disabled: 'false',
      limit: AT_ONCE,
      cursor,
    })
    codes.push(...page.items.map(({ code }) => code))
    cursor = page.nextCursor
  } while (cursor && codes.length <= MOST_CODES)
  return codes
}
