import type { BranchList } from '@contract'
import { type FormEvent, useEffect, useState } from 'react'
import { useAnew } from '../use-anew'
import { get } from './client'
import type { DateLimits } from './dates'
import { setQuery } from './router'
import { useOperator } from './session'
import { Button, DateField, SelectField, TextField } from './ui'
import { useRead } from './use-read'

/** Filters of lists. Each is a name in the address, so that a list can be copied, reloaded and come back to. */

/** Long enough that a word is typed before it is asked for. */
const TYPING_MS = 300

/** Part of a name: asked for as it is typed. */
export function SearchFilter({
  name = 'q',
  text,
  label = '搜索',
  placeholder,
  quiet,
}: {
  name?: string
  text: string
  label?: string
  placeholder: string
  /** the label is only heard */
  quiet?: boolean
}) {
  const [typed, setTyped] = useAnew(text)
  useEffect(() => {
    if (typed.trim() === text) return
    const timer = setTimeout(() => setQuery({ [name]: typed.trim() }), TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed, text, name])
  return <TextField {...{ label, placeholder, quiet }} type="search" maxLength={40} value={typed} onText={setTyped} />
}

/** One of the branches; nothing to choose for an operator of a single one. */
export function BranchFilter({ chosen }: { chosen: string }) {
  const { branchCode } = useOperator()
  return branchCode === null ? <BranchChoice chosen={chosen} /> : null
}

function BranchChoice({ chosen }: { chosen: string }) {
  const branches = useBranches()
  return (
    <SelectField
      label="网点"
      value={chosen}
      options={[['', '全部网点'], ...branches.map(({ code, name }) => [code, name] as const)]}
      onText={(code) => setQuery({ branchCode: code })}
    />
  )
}

/** The branches that the operator sees; empty until they are known. */
export function useBranches(): BranchList['items'] {
  const { reading } = useRead(() => get<BranchList>('/admin/branches'), 'branches')
  return reading.kind === 'ready' ? reading.value.items : []
}

export function DateFilter({
  name = 'date',
  label = '清算日期',
  date,
  ...limits
}: { name?: string; label?: string; date: string } & DateLimits) {
  return <DateField {...{ label, ...limits }} filter value={date} onText={(chosen) => setQuery({ [name]: chosen })} />
}

interface ExactFilter {
  /** in the address */
  name: string
  label: string
  placeholder?: string
  /** what the server takes; anything else is refused here, with this sentence */
  pattern: RegExp
  wrong: string
}

/** Values that must match exactly, so they are asked for when they are complete: by Enter, or by the key. */
export function ExactFilters({
  filters,
  query,
  verb = '查找',
}: {
  filters: readonly ExactFilter[]
  query: Readonly<Record<string, string>>
  verb?: string
}) {
  const given = filters.map(({ name }) => query[name] ?? '')
  const key = JSON.stringify(given)
  const [typed, setTyped] = useAnew(given, key)
  const [tried, setTried] = useState(false)
  const faults = filters.map(({ pattern, wrong }, i) => {
    const text = typed[i]!.trim()
    return text === '' || pattern.test(text) ? undefined : wrong
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    setTried(true)
    if (faults.some(Boolean)) return
    setQuery(Object.fromEntries(filters.map(({ name }, i) => [name, typed[i]!.trim()])))
  }
  return (
    <form className="c-filters c-filters--inside" onSubmit={submit} noValidate>
      {filters.map(({ name, label, placeholder }, i) => (
        <TextField
          key={name}
          label={label}
          placeholder={placeholder}
          autoCapitalize="none"
          maxLength={120}
          value={typed[i]!}
          fault={tried ? faults[i] : undefined}
          onText={(text) => setTyped(typed.map((one, at) => (at === i ? text : one)))}
        />
      ))}
      <Button type="submit">{verb}</Button>
    </form>
  )
}
