export interface FieldProps {
  /** read out */
  label: string
  /** shown while it is empty; the label unless told */
  hint?: string
  /** `code`: letters and digits, nothing corrected or remembered; the others as telephones know them */
  kind?: 'code' | 'account' | 'name' | 'phone' | 'amount' | 'note'
  className?: string
  value: string
  maxLength: number
  onType(value: string): void
  /** the person is done with it */
  onLeave?(): void
}

export interface CodeFieldProps {
  label: string
  /** digits typed so far */
  value: string
  /** how many there are */
  length: number
  onType(value: string): void
  /** Enter on a keyboard */
  onEnter(): void
}
