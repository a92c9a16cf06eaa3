export interface FieldProps {
  /** read out, and shown while it is empty */
  label: string
  value: string
  maxLength: number
  onType(value: string): void
}
