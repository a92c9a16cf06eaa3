import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'

export interface FieldProps {
  label: string
  /** said below the field as long as it has no fault */
  hint?: ReactNode
  /** what is wrong with it; said below the field */
  fault?: string
  className?: string
  /** the label is only heard: the place of the field shows what it is for */
  quiet?: boolean
}

interface Wiring {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

/** A label, one input, and below it what is wrong or helps; a screen reader hears all three. */
export function Frame({
  label,
  hint,
  fault,
  className = '',
  quiet,
  required,
  children,
}: FieldProps & { required?: boolean; children(wiring: Wiring): ReactNode }) {
  const id = useId()
  const note = fault ?? hint
  return (
    <div className={`c-field ${className}`}>
      <label className={quiet ? 'heard' : 'c-field__label'} htmlFor={id}>
        {label}
        {required === false && <span className="c-field__optional">（可不填）</span>}
      </label>
      {children({ id, 'aria-describedby': note ? `${id}-note` : undefined, 'aria-invalid': fault ? true : undefined })}
      {note && (
        <p id={`${id}-note`} className={fault ? 'c-field__fault' : 'c-field__hint'}>
          {fault && <span aria-hidden="true">! </span>}
          {note}
        </p>
      )}
    </div>
  )
}

type Change = { onText(text: string): void }

type TextProps = FieldProps &
  Change & { optional?: boolean; unit?: string } & Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'className'>

/** A line of text; `type="password"` too, and dates have a field of their own. `unit` is shown inside at the end. */
export function TextField({ label, hint, fault, className, quiet, optional, unit, onText, ...rest }: TextProps) {
  return (
    <Frame {...{ label, hint, fault, className, quiet }} required={optional ? false : undefined}>
      {(wiring) => (
        <span className="c-input">
          <input
            autoComplete="off"
            {...rest}
            {...wiring}
            className="c-input__box"
            onChange={(event) => onText(event.target.value)}
          />
          {unit && <span className="c-input__unit">{unit}</span>}
        </span>
      )}
    </Frame>
  )
}

/** An amount in yuan, as text: what is typed is kept as it is, and read with `fenOf`. */
export function YuanField(props: Omit<TextProps, 'inputMode' | 'unit'>) {
  return <TextField inputMode="decimal" {...props} unit="元" />
}

type SelectProps = FieldProps &
  Change & { options: readonly (readonly [value: string, words: string])[] } & Omit<
    SelectHTMLAttributes<HTMLSelectElement>,
    'onChange' | 'className'
  >

export function SelectField({ label, hint, fault, className, options, onText, ...rest }: SelectProps) {
  return (
    <Frame {...{ label, hint, fault, className }}>
      {(wiring) => (
        <select {...rest} {...wiring} className="c-input__box" onChange={(event) => onText(event.target.value)}>
          {options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Frame>
  )
}

type AreaProps = FieldProps &
  Change & { optional?: boolean } & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange' | 'className'>

export function TextArea({ label, hint, fault, className, optional, onText, ...rest }: AreaProps) {
  return (
    <Frame {...{ label, hint, fault, className }} required={optional ? false : undefined}>
      {(wiring) => (
        <textarea
          rows={3}
          {...rest}
          {...wiring}
          className="c-input__box"
          onChange={(event) => onText(event.target.value)}
        />
      )}
    </Frame>
  )
}
