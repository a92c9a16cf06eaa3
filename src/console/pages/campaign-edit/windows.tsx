import { Button, Notice, TextField } from '../../ui'
import { atMidnight, clockOf, DAYS, type Window } from '../../windows'
import type { Draft, Faults } from './draft'
import './windows.scss'

type Typed = Draft['windows']

interface WindowsProps {
  windows: Typed
  faults: Faults
  onWindows(windows: Typed): void
}

const WORKDAYS = [1, 2, 3, 4, 5]

/** When it gives discounts: weekdays and hours, a row each; none is always. */
export function WindowsFields({ windows, faults, onWindows }: WindowsProps) {
  const put = (at: number, changes: Partial<Typed[number]>) =>
    onWindows(windows.map((one, i) => (i === at ? { ...one, ...changes } : one)))
  return (
    <fieldset className="edit__windows">
      <legend className="c-field__label">活动时段</legend>
      {windows.length === 0 && <p className="c-field__hint">不设：活动期间每天全天都有优惠</p>}
      {windows.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
        <fieldset key={i} className="edit__window">
          <legend className="heard">{`时段 ${i + 1}`}</legend>
          <Weekdays
            chosen={one.weekdays}
            onChoose={(weekdays) => put(i, { weekdays })}
            fault={faults[`windows.${i}.weekdays`]}
          />
          <TextField
            label="从"
            inputMode="numeric"
            placeholder="11:00"
            maxLength={5}
            value={one.from}
            onText={(from) => put(i, { from })}
            name={`windows.${i}.from`}
            fault={faults[`windows.${i}.from`]}
          />
          <TextField
            label="到"
            inputMode="numeric"
            placeholder="24:00"
            maxLength={5}
            value={one.to}
            onText={(to) => put(i, { to })}
            name={`windows.${i}.to`}
            fault={faults[`windows.${i}.to`]}
          />
          <Button aria-label={`移除时段 ${i + 1}`} onClick={() => onWindows(windows.filter((_, at) => at !== i))}>
            移除
          </Button>
          <PastMidnight
            typed={one}
            onSplit={(two) => onWindows([...windows.slice(0, i), ...two, ...windows.slice(i + 1)])}
          />
        </fieldset>
      ))}
      {faults.windows && <p className="c-field__fault">{`! ${faults.windows}`}</p>}
      <Button onClick={() => onWindows([...windows, { weekdays: WORKDAYS, from: '11:00', to: '14:00' }])}>
        增加一个时段
      </Button>
    </fieldset>
  )
}

function Weekdays({
  chosen,
  onChoose,
  fault,
}: {
  chosen: readonly number[]
  onChoose(days: number[]): void
  fault: string | undefined
}) {
  const toggle = (day: number) =>
    onChoose(chosen.includes(day) ? chosen.filter((one) => one !== day) : [...chosen, day].sort((a, b) => a - b))
  return (
    <div className="edit__weekdays">
      <span className="c-field__label">星期</span>
      <fieldset className="c-choices">
        <legend className="heard">星期</legend>
        {DAYS.map((word, i) => (
          <button
            key={word}
            type="button"
            className="c-choices__one"
            aria-label={word}
            aria-pressed={chosen.includes(i + 1)}
            onClick={() => toggle(i + 1)}
          >
            {word.slice(1)}
          </button>
        ))}
      </fieldset>
      {fault && <p className="c-field__fault">{`! ${fault}`}</p>}
    </div>
  )
}

/** Cards are dealt by the calendar day, so a night is two windows: its writer sees which. */
function PastMidnight({ typed, onSplit }: { typed: Typed[number]; onSplit(two: Window[]): void }) {
  const [from, to] = [clockOf(typed.from), clockOf(typed.to)]
  if (from === null || to === null || from < to) return null
  return (
    <Notice kind="plain">
      <span>跨过零点的时段要写成两段：名额按自然日发，零点以后用的是第二天的牌。</span>
      <Button kind="text" onClick={() => onSplit(atMidnight({ weekdays: [...typed.weekdays], from, to }))}>
        在零点分开
      </Button>
    </Notice>
  )
}
