/** One of a few, e.g. a filter; the chosen one is pressed. */
export function Choices<T extends string>({
  label,
  options,
  chosen,
  onChoose,
}: {
  label: string
  options: readonly (readonly [value: T, words: string])[]
  chosen: T
  onChoose(value: T): void
}) {
  return (
    <fieldset className="c-choices">
      <legend className="heard">{label}</legend>
      {options.map(([value, words]) => (
        <button
          key={value}
          type="button"
          className="c-choices__one"
          aria-pressed={value === chosen}
          onClick={() => onChoose(value)}
        >
          {words}
        </button>
      ))}
    </fieldset>
  )
}
