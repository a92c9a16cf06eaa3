import type { PreviewBody, PreviewView } from '@contract'
import { useEffect, useState } from 'react'
import { post } from '../../client'
import { ordersOf } from '../../format'
import { sentenceOf } from '../../sentences'
import { Card, Empty, TextField } from '../../ui'
import { DeckDots } from './deck-dots'
import { ForecastFacts } from './forecast'
import { Legal } from './legal'

/** Long enough that a figure is typed to its end before it is asked for. */
const TYPING_MS = 400

export interface PreviewState {
  view: PreviewView | null
  fault: unknown
  busy: boolean
}

/** Asks for a preview whenever what it depends on has stood still for a moment. */
export function usePreview(body: PreviewBody | null): PreviewState {
  const [state, setState] = useState<PreviewState>({ view: null, fault: null, busy: false })
  const key = JSON.stringify(body)
  useEffect(() => {
    if (key === 'null') return
    let gone = false
    const timer = setTimeout(() => {
      setState((before) => ({ ...before, busy: true }))
      post<PreviewView>('/admin/campaigns/preview', JSON.parse(key) as PreviewBody).then(
        (view) => !gone && setState({ view, fault: null, busy: false }),
        (fault) => !gone && setState((before) => ({ ...before, fault, busy: false })),
      )
    }, TYPING_MS)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [key])
  return state
}

interface PreviewProps {
  state: PreviewState
  ready: boolean
  body: PreviewBody | null
  orders: string
  onOrders(text: string): void
}

const NO_NUMBER = '请填写 0 到 10000 的数，例如 15 或 9.5'

/** What these terms would be: a deck, the headline, the forecast, the legal text. */
export function Preview({ state: { view, fault, busy }, ready, body, orders, onOrders }: PreviewProps) {
  const assumed = ordersOf(orders) !== null
  return (
    <div className="c-stack edit__preview">
      <Card title="发牌预览" aside={busy ? '正在计算…' : '随机发的一副，不是真牌'}>
        <div aria-live="polite">
          {!ready && <Empty title="填好规则、日期和预算，这里会预览发牌" />}
          {ready && fault !== null && <Empty title={sentenceOf(fault)} />}
          {ready && view && view.faults.length > 0 && <Empty title="参数有误，见左边标出的项" />}
          {ready && view?.sample && body && <DeckDots rule={body.rule} amountsFen={view.sample.amountsFen} />}
        </div>
        {view?.headline && (
          <p className="edit__headline">
            对外宣传 <strong>{view.headline}</strong>
          </p>
        )}
      </Card>
      <Card title="费用预测">
        <TextField
          label="假定每户每天有多少笔够条件的订单"
          inputMode="decimal"
          unit="笔"
          value={orders}
          onText={onOrders}
          fault={assumed ? undefined : NO_NUMBER}
        />
        {body?.merchantCount === 0 ? (
          <Empty title="先选参与商户，才知道要花多少" />
        ) : view?.forecast && body && assumed ? (
          <ForecastFacts forecast={view.forecast} budgetFen={body.budgetFen} merchantCount={body.merchantCount} />
        ) : (
          <Empty title="填好以后给出预测" />
        )}
      </Card>
      {view?.disclosure && (
        <Card title="公示文本">
          <details className="edit__legal">
            <summary>按这些参数生成，上线时公布</summary>
            <Legal sections={view.disclosure} />
          </details>
        </Card>
      )}
    </div>
  )
}
