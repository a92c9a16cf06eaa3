import type { PreviewView } from '@contract'
import { useBranches } from '../../filters'
import { branchOptions } from '../../terms'
import { Button, Card, SelectField, YuanField } from '../../ui'
import type { Draft, Faults } from './draft'
import { Lasting, NotAll } from './forecast'

interface BudgetProps {
  draft: Draft
  faults: Faults
  forecast: PreviewView['forecast']
  merchantCount: number
  change(changes: Partial<Draft>): void
}

/** What it may cost, in all and each branch; and for how long that lasts. */
export function Budget({ draft, faults, change, forecast, merchantCount }: BudgetProps) {
  const branches = useBranches()
  const { branchBudgets } = draft
  const put = (at: number, changes: Partial<Draft['branchBudgets'][number]>) =>
    change({ branchBudgets: branchBudgets.map((one, i) => (i === at ? { ...one, ...changes } : one)) })
  return (
    <Card title="预算">
      <div className="c-fields">
        <YuanField
          label="总预算"
          value={draft.budget}
          onText={(budget) => change({ budget })}
          name="budgetFen"
          fault={faults.budgetFen}
          hint="发牌时扣住，永远不会超"
        />
        <YuanField
          label="每日预算"
          optional
          value={draft.dailyBudget}
          onText={(dailyBudget) => change({ dailyBudget })}
          name="dailyBudgetFen"
          fault={faults.dailyBudgetFen}
          hint="一天的牌按最贵算不超过它；不填则只受总预算约束"
        />
      </div>
      <Lasting forecast={forecast} advice="请提高预算、减少名额或缩短活动。" />
      <NotAll forecast={forecast} merchantCount={merchantCount} />
      {branchBudgets.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own until a branch is chosen
        <fieldset key={i} className="edit__branch">
          <legend className="heard">{`网点预算 ${i + 1}`}</legend>
          <SelectField
            label="网点"
            value={one.branchCode}
            options={branchOptions(branches, '请选择')}
            onText={(branchCode) => put(i, { branchCode })}
          />
          <YuanField
            label="预算"
            value={one.budget}
            onText={(budget) => put(i, { budget })}
            name={`branchBudgets.${i}`}
            fault={faults[`branchBudgets.${i}`] ?? faults[`branchBudgets.${i}.budgetFen`]}
          />
          <Button
            aria-label={`移除网点预算 ${i + 1}`}
            onClick={() => change({ branchBudgets: branchBudgets.filter((_, at) => at !== i) })}
          >
            移除
          </Button>
        </fieldset>
      ))}
      <Button onClick={() => change({ branchBudgets: [...branchBudgets, { branchCode: '', budget: '' }] })}>
        为一个网点另设预算
      </Button>
    </Card>
  )
}
