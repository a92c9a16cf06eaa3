import type { ReviewItem, ReviewPreview } from '@contract'
import { get } from '../../client'
import { count, yuanText } from '../../format'
import { faultWords, fieldName } from '../../terms'
import { Fault, Ready } from '../../ui'
import { useRead } from '../../use-read'
import { DeckDots } from '../campaign-edit/deck-dots'
import { ForecastFacts, Lasting, NotAll } from '../campaign-edit/forecast'
import { Legal } from '../campaign-edit/legal'

/** What the launch or the amendment would be: the cost against the budget, a deck, and the rules as payers will read them. */
export function Outlook({ item }: { item: ReviewItem }) {
  const { campaignId, revision, changeId } = item
  const path = `/admin/campaigns/${campaignId}/review/preview`
  const { reading, again } = useRead(() => get<ReviewPreview>(path), `${changeId} ${revision}`)
  return (
    <Ready reading={reading} again={again} lines={4}>
      {(found) => <Found found={found} />}
    </Ready>
  )
}

function Found({ found }: { found: ReviewPreview }) {
  const { basis, faults, sample, forecast, rule, headline, disclosure, published } = found
  const { days, budgetFen, merchantCount } = basis
  const changed = published && disclosure ? changedLines(published, disclosure) : null
  return (
    <div className="review__outlook">
      {faults.map(({ field, code, message }) => (
        <Fault key={`${field} ${code}`} text={`${fieldName(field)}：${faultWords(code, message)}`} />
      ))}
      <div className="review__pair">
        <section>
          <h3>{published ? `剩下 ${count(days)} 天要花多少` : `${count(days)} 天要花多少`}</h3>
          {forecast && merchantCount > 0 ? (
            <>
              <p className="c-quiet">
                {`${published ? '预算还剩' : '总预算'} ${yuanText(budgetFen)}；假定每户每天 15 笔够条件的订单`}
              </p>
              <ForecastFacts forecast={forecast} budgetFen={budgetFen} merchantCount={merchantCount} />
              <Lasting forecast={forecast} />
              <NotAll forecast={forecast} merchantCount={merchantCount} />
            </>
          ) : (
            <p className="c-quiet">没有参与商户，算不出来。</p>
          )}
        </section>
        <section>
          <h3>照这些参数随机发的一副牌</h3>
          {sample && <DeckDots rule={rule} amountsFen={sample.amountsFen} />}
          {headline && <p>{`对外宣传：${headline}`}</p>}
        </section>
      </div>
      {disclosure && (
        <details className="review__legal" open={published !== null && changed !== 0}>
          <summary>{legalWords(changed)}</summary>
          <Legal sections={disclosure} published={published} />
        </details>
      )}
    </div>
  )
}

function changedLines(published: NonNullable<ReviewPreview['published']>, next: typeof published): number {
  const known = new Set(published.flatMap(({ lines }) => lines))
  return next.flatMap(({ lines }) => lines).filter((line) => !known.has(line)).length
}

/** Null: nothing is published yet. */
function legalWords(changed: number | null): string {
  if (changed === null) return '顾客会看到的规则全文'
  return changed === 0
    ? '顾客会看到的规则全文：和现在公示的一样'
    : `顾客会看到的规则全文：${changed} 处与现在公示的不同`
}
