import type { ReconciliationView, SheetOfDay } from '@contract'
import { SHA_256 } from '../../../sentences'
import { post } from '../../client'
import { dateTime, dayText } from '../../dates'
import { count, yuanText } from '../../format'
import type { PageProps } from '../../page-props'
import { usePlace } from '../../router'
import { Facts, Table } from '../../ui'
import { PARTS } from '../reconciliation/parts'
import { Totals } from '../reconciliation/totals'
import { type Channel, CLASS_WORDS, dayPlace, OWN, sideWord, stateWords } from '../reconciliation/words'
import { Paper } from './paper'

/** A reconciled day to sign. */
export default function DaySheetPage({ params: { date = '' } }: PageProps) {
  const channel = (usePlace().query.channel ?? OWN) as Channel
  return (
    <Paper
      title={`${dayText(date)} 对账签字件`}
      trail={[
        ['对账', 'reconciliation'],
        [dayText(date), dayPlace(date, channel)],
      ]}
      make={() => post<SheetOfDay>(`/admin/reconciliations/${date}/sheet`, { channel })}
    >
      {({ sheet }) => <Day view={sheet} />}
    </Paper>
  )
}

function Day({ view }: { view: ReconciliationView }) {
  const { channel, date, lines, sha256, startedAt, matchedAt, says, settled, proven, stillOpen, differences } = view
  return (
    <>
      <Facts
        rows={[
          ['清算日期', dayText(date)],
          ['渠道', sideWord(channel)],
          ['结论', settled ? '逐笔核对、合计相符，差错都已了结' : proven ? '合计相符，还有没有了结的' : '合计不相符'],
          ...PARTS.map(
            ([part, words]) => [words, `${count(says[part].count)} 笔，${yuanText(says[part].fen)}`] as const,
          ),
          ['没有结果的付款和退款', `${count(stillOpen.count)} 笔，${yuanText(stillOpen.fen)}`],
          ['对账时间', `${dateTime(startedAt)} 开始，${dateTime(matchedAt)} 完成`],
          ['对账单', `${count(lines)} 行，${SHA_256} ${sha256}`],
        ]}
      />
      <Totals view={view} />
      {differences.length > 0 && (
        <Table
          caption="差错"
          keyOf={(row) => `${row.class} ${row.state}`}
          rows={differences}
          columns={[
            { name: 'class', head: '差错', cell: (row) => CLASS_WORDS[row.class] },
            { name: 'state', head: '处理', cell: (row) => stateWords(row.state, channel) },
            { name: 'count', head: '条数', right: true, cell: (row) => count(row.count) },
          ]}
        />
      )}
    </>
  )
}
