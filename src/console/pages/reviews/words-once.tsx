import type { JudgedChange } from '@contract'
import { Button, Dialog, Table } from '../../ui'
import { saveTable } from '../merchants/template'

type Word = NonNullable<JudgedChange['words']>[number]

const COLUMNS = [
  { name: 'merchant', head: '商户号', cell: ({ merchantCode }: Word) => merchantCode },
  { name: 'word', head: '激活码', cell: ({ word }: Word) => <code>{spaced(word)}</code> },
]

/** In twos: no spreadsheet takes it for a number, and blanks needn't be typed. */
const spaced = (word: string) => word.replace(/.{2}(?=.)/g, '$& ')

/** What each shop is told beside its card: for who approved, here and never again. */
export function WordsOnce({ words, onClose }: { words: readonly Word[]; onClose(): void }) {
  const asks = {
    title: '激活码清单保存了吗？',
    text: '关闭以后不再显示，只能重新制卡、重新复核。',
    verb: '已保存，关闭',
  }
  const table = ['商户号,激活码', ...words.map(({ merchantCode, word }) => `${merchantCode},${spaced(word)}`)]
  return (
    <Dialog title={`激活码清单：${words.length} 家`} onClose={onClose} asks={asks}>
      <div className="c-dialog__text">
        <p>请交给网点的人，当面或电话确认是店主本人再告诉；不要交给印卡的同事，也不要发在群里。</p>
        <p>店主先填卡号 8 位，接着填激活码。一张卡输错 5 次就作废。只显示这一次。</p>
      </div>
      <div className="c-dialog__list">
        <Table caption="激活码清单" columns={COLUMNS} rows={words} keyOf={({ merchantCode }) => merchantCode} />
      </div>
      <div className="c-dialog__keys">
        <Button onClick={() => saveTable('激活码清单.csv', `${table.join('\r\n')}\r\n`)}>保存清单（CSV）</Button>
        <Button kind="main" onClick={onClose}>
          已保存，关闭
        </Button>
      </div>
    </Dialog>
  )
}
