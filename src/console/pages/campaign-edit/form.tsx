import type { PreviewView } from '@contract'
import { useState } from 'react'
import { faultsInShort } from '../../file-faults'
import { useBranches } from '../../filters'
import { sentenceOf } from '../../sentences'
import { useOperator } from '../../session'
import { branchOptions } from '../../terms'
import { Button, Card, DateField, Notice, SelectField, TextField, YuanField } from '../../ui'
import { useToday } from '../../use-today'
import { Budget } from './budget'
import type { Draft, Faults } from './draft'
import { FileList, type ListFiles, type ListRole, ROLE_LABELS } from './list-file'
import { codesOfFile, MOST_CODES } from './merchant-codes'
import { MerchantPicker } from './merchant-picker'
import { WindowsFields } from './windows'

export interface FormProps {
  draft: Draft
  faults: Faults
  forecast: PreviewView['forecast']
  /** that the forecast is of */
  merchantCount: number
  change(changes: Partial<Draft>): void
  /** merchants and controls as saved; the lists themselves are read when they are to be changed */
  counts: { merchants: number; controls: number }
  onLoadLists(): void
  loading: boolean
  files: ListFiles
  onFiles(files: ListFiles): void
}

/** The terms of a campaign, a card each for what belongs together. */
export function Form(props: FormProps) {
  return (
    <div className="c-stack">
      <Basics {...props} />
      <RuleFields {...props} />
      <Budget {...props} />
      <Merchants {...props} />
    </div>
  )
}

function Basics({ draft, faults, change }: FormProps) {
  const operator = useOperator()
  const branches = useBranches()
  const today = useToday()
  return (
    <Card title="活动">
      <div className="c-fields">
        <TextField
          label="活动名称"
          className="c-fields__wide"
          maxLength={60}
          value={draft.name}
          onText={(name) => change({ name })}
          name="name"
          fault={faults.name}
          hint="顾客在规则页会看到"
        />
        <TextField
          label="主办方"
          className="c-fields__wide"
          maxLength={60}
          value={draft.organiser}
          onText={(organiser) => change({ organiser })}
          name="organiser"
          fault={faults.organiser}
          hint="写进公示文本，例如：某某银行某某分行"
        />
        <DateField
          label="开始日期"
          value={draft.startDate}
          onText={(startDate) => change({ startDate })}
          fault={faults.startDate}
        />
        <DateField
          label="结束日期（含）"
          min={draft.startDate}
          value={draft.endDate}
          onText={(endDate) => change({ endDate })}
          fault={faults.endDate}
        />
        <SelectField
          label="范围"
          value={draft.branchCode}
          disabled={operator.branchCode !== null}
          options={
            operator.branchCode === null
              ? branchOptions(branches, '全行')
              : [[operator.branchCode, `本网点（${operator.branchCode}）`]]
          }
          onText={(branchCode) => change({ branchCode })}
          fault={faults.branchCode}
        />
      </div>
      <WindowsFields windows={draft.windows} faults={faults} onWindows={(windows) => change({ windows })} />
      {draft.startDate !== '' && draft.startDate < today && <StartPassed />}
    </Card>
  )
}

/** What was begun yesterday for today can't begin as it says. */
export const StartPassed = () => (
  <Notice>
    <span>开始日期已过：提交复核以前，请改到今天或以后。</span>
  </Notice>
)

function RuleFields({ draft, faults, change }: FormProps) {
  const yuan = (
    label: string,
    name: 'threshold' | 'min' | 'max' | 'bandMin' | 'bandMax',
    field: string,
    hint?: string,
  ) => (
    <YuanField
      label={label}
      value={draft[name]}
      onText={(text) => change({ [name]: text })}
      name={`rule.${field}`}
      fault={faults[`rule.${field}`]}
      hint={hint}
    />
  )
  const whole = (
    label: string,
    name: 'slots' | 'bandPercent' | 'payerPercent',
    field: string,
    unit: string,
    hint?: string,
  ) => (
    <TextField
      label={label}
      inputMode="numeric"
      unit={unit}
      value={draft[name]}
      onText={(text) => change({ [name]: text })}
      name={`rule.${field}`}
      fault={faults[`rule.${field}`]}
      hint={hint}
    />
  )
  return (
    <Card title="规则">
      <div className="c-fields">
        {yuan('门槛：订单满', 'threshold', 'thresholdFen')}
        {whole('每户每天名额', 'slots', 'slots', '份')}
        <TextField
          label="每人每天每店次数"
          inputMode="numeric"
          unit="次"
          value={draft.maxPerPayer}
          onText={(maxPerPayer) => change({ maxPerPayer })}
          name="maxPerPayerPerDay"
          fault={faults.maxPerPayerPerDay}
          hint="不填则不限"
        />
        <TextField
          label="每人每天合计次数"
          inputMode="numeric"
          unit="次"
          value={draft.maxPerPayerInAll}
          onText={(maxPerPayerInAll) => change({ maxPerPayerInAll })}
          name="maxPerPayerPerCampaignDay"
          fault={faults.maxPerPayerPerCampaignDay}
          hint="所有活动商户；不填则不限"
        />
        {yuan('最小优惠', 'min', 'minFen')}
        {yuan('最大优惠', 'max', 'maxFen')}
        {whole('付款方分摊', 'payerPercent', 'payerPercent', '%', '其余归商户；奇数分归付款方')}
        {yuan('集中区间从', 'bandMin', 'bandMinFen')}
        {yuan('集中区间到', 'bandMax', 'bandMaxFen')}
        {whole('至少在区间内', 'bandPercent', 'bandPercent', '%', '每一副牌都做到')}
      </div>
    </Card>
  )
}

function Merchants(props: FormProps) {
  const { draft, faults, change, counts, onLoadLists, loading, files } = props
  const { merchantCodes, controlCodes } = draft
  const long = counts.merchants > MOST_CODES || counts.controls > MOST_CODES
  const untouched = merchantCodes === null && controlCodes === null && Object.keys(files).length === 0
  return (
    <Card title="商户">
      <div className="c-fields">
        <TextField
          label="优先级"
          inputMode="numeric"
          value={draft.priority}
          onText={(priority) => change({ priority })}
          name="priority"
          fault={faults.priority}
          hint="同一商户有几个活动时，高的生效"
        />
      </div>
      {untouched && !long ? (
        <div className="c-row">
          <p>{`参与 ${counts.merchants} 家，对照 ${counts.controls} 家`}</p>
          <Button onClick={onLoadLists} busy={loading}>
            修改名单
          </Button>
        </div>
      ) : (
        <div className="c-stack">
          <List which="merchant" codes={merchantCodes} saved={counts.merchants} {...props} />
          <List which="control" codes={controlCodes} saved={counts.controls} {...props} />
        </div>
      )}
    </Card>
  )
}

const HINTS: Record<ListRole, string> = {
  merchant: '顾客在这些商户用本行付款，可以抽到优惠。',
  control: '相似但有意不参加的商户：占比与它们相比，才看得出活动本身的作用。至少两家。',
}

/** One of the two lists: codes that can be seen and changed, or a file when they are too many for that. */
function List({
  which,
  codes,
  saved,
  files,
  faults,
  change,
  onFiles,
}: FormProps & { which: ListRole; codes: readonly string[] | null; saved: number }) {
  const [unread, setUnread] = useState<string>()
  const field = which === 'merchant' ? 'merchantCodes' : 'controlCodes'
  const label = ROLE_LABELS[which]
  const file = files[which]
  /** Few are added to the list; with many, or where the list isn't shown, the file itself is kept. */
  async function read(chosen: File) {
    const found = await codesOfFile(chosen).catch(sentenceOf)
    if (typeof found === 'string') return found
    if (found.faultCount > 0) return `“${chosen.name}”没有加入：${faultsInShort(found)}`
    if (codes !== null && found.codes && codes.length + found.codes.length <= MOST_CODES)
      return { codes: found.codes, wrong: [] }
    onFiles({ ...files, [which]: { name: chosen.name, bytes: chosen, count: found.count, before: codes } })
    change({ [field]: null })
    return null
  }
  if (codes !== null)
    return (
      <MerchantPicker
        label={label}
        hint={HINTS[which]}
        codes={codes}
        onCodes={(next) => change({ [field]: next })}
        onFile={read}
        fault={faults[field]}
      />
    )
  return (
    <FileList
      label={label}
      saved={saved}
      file={file}
      fault={unread ?? faults[field]}
      onFile={(chosen) => void read(chosen).then((said) => setUnread(typeof said === 'string' ? said : undefined))}
      onDrop={() => {
        const { [which]: _, ...others } = files
        onFiles(others)
        change({ [field]: file?.before ?? null })
      }}
    />
  )
}
